/** @file caochu/yield_text.h  A yield equation as people write it. SPDX-License-Identifier: MIT */
#ifndef CAO_YIELD_TEXT_H
#define CAO_YIELD_TEXT_H
#include "caochu/yield.h"

/** "391.34 e^(2.92 x)", terms to so many significant digits. */
void cao_yield_text(const struct cao_yield_model *m, int digits, char *text, size_t size);
#endif
