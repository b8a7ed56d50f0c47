/** @file config/project_indices.h  The indices of a project: names of the table, and expressions of its own.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CONFIG_PROJECT_INDICES_H
#define CAO_CONFIG_PROJECT_INDICES_H
#include "caochu/project.h"
#include "caochu/yaml.h"

/** Fill p->indices and p->own_indices from a list of names and of {name, expression, ...}; NDVI is put
 *  behind them where it is missing. What they held before is released.
 *  @param file names the project in messages, which read "FILE:LINE: indices...: ..."
 *  @retval CAO_EARG */
CAO_CHECKED enum cao_status cao_indices_read(const char *file, const struct cao_yaml *node,
                                             struct cao_project *p, struct cao_error *err);
void cao_indices_release(struct cao_project *p);
#endif
