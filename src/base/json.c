/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <math.h>
#include <stdio.h>

json_object *cao_json_number(double v)
{
    char text[40];
    if (!isfinite(v))
        return NULL;
    snprintf(text, sizeof text, "%.15g", v);
    return json_object_new_double_s(v, text);
}
