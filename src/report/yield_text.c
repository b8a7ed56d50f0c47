/* SPDX-License-Identifier: MIT */
#include "caochu/yield_text.h"

#include <stdio.h>

void cao_yield_text(const struct cao_yield_model *m, int digits, char *text, size_t size)
{
    int d = digits;
    switch (m->form) {
    case CAO_YIELD_LINEAR:
        snprintf(text, size, "%.*g %+.*g x", d, m->a, d, m->b);
        break;
    case CAO_YIELD_QUADRATIC:
        snprintf(text, size, "%.*g %+.*g x %+.*g x^2", d, m->a, d, m->b, d, m->c);
        break;
    case CAO_YIELD_EXPONENTIAL:
        snprintf(text, size, "%.*g e^(%.*g x)", d, m->a, d, m->b);
        break;
    case CAO_YIELD_POWER:
        snprintf(text, size, "%.*g x^%.*g", d, m->a, d, m->b);
        break;
    case CAO_YIELD_LOGARITHMIC:
        snprintf(text, size, "%.*g %+.*g ln x", d, m->a, d, m->b);
        break;
    case CAO_N_YIELD_FORMS:
        text[0] = '\0';
        break;
    }
}
