/** @file base/json.h  Numbers in JSON as people write them. SPDX-License-Identifier: MIT */
#ifndef CAO_BASE_JSON_H
#define CAO_BASE_JSON_H
#include <json-c/json.h>

/** 0.15 and not 0.14999999999999999: 15 significant digits; null for NaN and infinity. */
json_object *cao_json_number(double v);
#endif
