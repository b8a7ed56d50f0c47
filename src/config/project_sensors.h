/** @file config/project_sensors.h  The sensors that a project declares, from YAML.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CONFIG_PROJECT_SENSORS_H
#define CAO_CONFIG_PROJECT_SENSORS_H
#include "caochu/declared.h"
#include "caochu/yaml.h"

/** @param file names the project in messages, which read "FILE:LINE: sensors[].key: ...".
 *  @param[out] list cao_sensors_free() it @retval CAO_EARG */
CAO_CHECKED enum cao_status cao_sensors_read(const char *file, const struct cao_yaml *node,
                                             struct cao_declared **list, size_t *n,
                                             struct cao_error *err);
void cao_sensors_free(struct cao_declared *list, size_t n);
#endif
