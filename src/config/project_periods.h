/** @file config/project_periods.h  The periods of a project, from YAML: named ranges, and ranges cut into
 *  months, years or days. SPDX-License-Identifier: MIT */
#ifndef CAO_CONFIG_PROJECT_PERIODS_H
#define CAO_CONFIG_PROJECT_PERIODS_H
#include "caochu/project.h"
#include "caochu/yaml.h"

enum { CAO_MOST_PERIODS = 2000 };

/** @param file names the project in messages, which read "FILE:LINE: periods[].key: ...".
 *  @param[out] list in the file's order, cut ones in order of time; cao_periods_free() it
 *  @retval CAO_EARG */
CAO_CHECKED enum cao_status cao_periods_read(const char *file, const struct cao_yaml *node,
                                             struct cao_period **list, size_t *n,
                                             struct cao_error *err);
void cao_periods_free(struct cao_period *list, size_t n);
#endif
