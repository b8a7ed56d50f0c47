/** @file run/zone_text.h  Sums of zones as text: exact, the same on every machine, and short. One text
 *  for many sums is read many times faster than a tree of them. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_ZONE_TEXT_H
#define CAO_RUN_ZONE_TEXT_H
#include <stdbool.h>
#include "caochu/text.h"
#include "caochu/zonal.h"

/** n sums behind what @p out holds: "area valid sum square clamped min max" as hexadecimal numbers (-
 *  before a negative one; floats as their bits), ';' behind each; an empty sum is nothing before it. */
void cao_zone_text_sums(struct cao_buf *out, const struct cao_zone_sum *sums, size_t n);
/** @retval false the text is not n sums; they are then undefined */
bool cao_zone_text_read_sums(const char *text, struct cao_zone_sum *sums, size_t n);
/** n numbers in the same way, a blank behind each. */
void cao_zone_text_numbers(struct cao_buf *out, const cao_int128 *v, size_t n);
bool cao_zone_text_read_numbers(const char *text, cao_int128 *v, size_t n);
#endif
