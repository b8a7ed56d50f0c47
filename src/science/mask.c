/* SPDX-License-Identifier: MIT */
#include "caochu/mask.h"

#include <string.h>

static const char *const names[CAO_N_REASONS] = { "clear",  "outside", "saturated",   "cloud",
                                                  "shadow", "cirrus",  "snow",        "water",
                                                  "dark",   "invalid", "aerosol_high" };

const char *cao_reason_name(enum cao_reason r)
{
    return (unsigned)r < CAO_N_REASONS ? names[r] : "unknown";
}

bool cao_reason_find(const char *name, enum cao_reason *r)
{
    for (int i = 0; i < CAO_N_REASONS; i++)
        if (strcmp(name, names[i]) == 0) {
            *r = (enum cao_reason)i;
            return true;
        }
    return false;
}

void cao_mask_table(const struct cao_qa_rule *rules, size_t n_rules, uint32_t removes,
                    uint8_t table[CAO_QA_CODES])
{
    removes |= UINT32_C(1) << CAO_OUTSIDE;
    for (uint32_t code = 0; code < CAO_QA_CODES; code++) {
        table[code] = CAO_CLEAR;
        for (size_t i = 0; i < n_rules; i++) {
            /* a reason that is not removed must not hide a later one that is */
            if ((code & rules[i].bits) != rules[i].equals || !(removes >> rules[i].reason & 1))
                continue;
            table[code] = (uint8_t)rules[i].reason;
            break;
        }
    }
}

size_t cao_mask_apply(const uint8_t *restrict table, const uint16_t *restrict qa,
                      uint8_t *restrict reason, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t r = reason[i] == CAO_CLEAR ? table[qa[i]] : reason[i];
        reason[i] = r;
        clear += r == CAO_CLEAR;
    }
    return clear;
}

size_t cao_mask_invalid(const float *restrict band, uint8_t *restrict reason, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t r = reason[i];
        r = r == CAO_CLEAR && !(band[i] > 0.0f) ? CAO_INVALID : r;
        reason[i] = r;
        clear += r == CAO_CLEAR;
    }
    return clear;
}

size_t cao_mask_missing(const float *restrict values, enum cao_reason reason_for,
                        uint8_t *restrict reason, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t r = reason[i];
        r = r == CAO_CLEAR && !(values[i] == values[i]) ? (uint8_t)reason_for : r;
        reason[i] = r;
        clear += r == CAO_CLEAR;
    }
    return clear;
}

size_t cao_mask_bright(const float *restrict band, float above, uint8_t *restrict reason, size_t n)
{
    size_t clear = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t r = reason[i];
        r = r == CAO_CLEAR && band[i] > above ? CAO_CLOUD : r;
        reason[i] = r;
        clear += r == CAO_CLEAR;
    }
    return clear;
}

void cao_mask_count(const uint8_t *restrict reason, size_t n, uint64_t counts[CAO_N_REASONS])
{
    uint64_t all[256] = { 0 };
    for (size_t i = 0; i < n; i++)
        all[reason[i]]++;
    for (int r = 0; r < CAO_N_REASONS; r++)
        counts[r] += all[r];
}
