/** @file cli/plan_text.h  What `caochu plan` prints. SPDX-License-Identifier: MIT */
#ifndef CAO_CLI_PLAN_TEXT_H
#define CAO_CLI_PLAN_TEXT_H
#include "caochu/run.h"

/** The plan on stdout, as text or JSON. @param code what the program will end with */
void cao_print_plan(const struct cao_run_summary *s, bool json, int code);
#endif
