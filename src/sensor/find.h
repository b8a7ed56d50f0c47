/** @file sensor/find.h  Where products lie below a folder or in an archive; nothing of them is read.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_FIND_H
#define CAO_SENSOR_FIND_H
#include "caochu/catalog.h"
#include "sensor/sensor.h"

/** Images that no family takes. */
struct cao_strays {
    size_t n, n_folders;
    char first[CAO_PATH_MAX];
};

/** Told of what is found, in an order that depends on names alone. What is handed over is borrowed. */
struct cao_finder {
    const struct cao_sensor *declared; /**< families of the project, asked first */
    size_t n_declared;
    struct cao_findings *findings; /**< folders that cannot be searched */
    struct cao_strays *strays;     /**< counted there; NULL: not */
    void *context;
    /** @p path is how the product is called in messages; its files lie in the place. */
    enum cao_status (*product)(void *context, const struct cao_sensor *sensor, const char *path,
                               const struct cao_place *place, struct cao_error *err);
    enum cao_status (*archive)(void *context, const char *path, struct cao_error *err);
};

/** The i-th family: those of the project come first. NULL past the last. */
const struct cao_sensor *cao_finder_sensor(const struct cao_finder *f, size_t i);
/** The family of that name, or NULL. */
const struct cao_sensor *cao_finder_named(const struct cao_finder *f, const char *name);
/** Search a folder and those below. One that cannot be listed is named and passed over. */
CAO_CHECKED enum cao_status cao_find_below(const struct cao_finder *f, const char *path,
                                           struct cao_error *err);
/** The product that a single file belongs to, with its other files beside it; none is found where the file
 *  is named like no product and lies in no product's folder. */
CAO_CHECKED enum cao_status cao_find_of_file(const struct cao_finder *f, const char *path,
                                             struct cao_error *err);
/** Products in the opened archive @p path whose contents lie at @p inside. */
CAO_CHECKED enum cao_status cao_find_inside(const struct cao_finder *f, const char *path,
                                            const char *inside, struct cao_error *err);
#endif
