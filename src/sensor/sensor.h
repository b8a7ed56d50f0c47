/** @file sensor/sensor.h  One row per product family: how it is recognised and described. A new family
 *  is a row in the table and a file. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_SENSOR_H
#define CAO_SENSOR_SENSOR_H
#include "caochu/catalog.h"
#include "caochu/declared.h"
#include "sensor/place.h"

enum { CAO_KEY_SIZE = 256 };

/** What descriptions draw on besides the product's own files. Read-only during a scan. */
struct cao_means {
    struct cao_raw_images raw;
    const struct cao_calibrations *calibrations; /**< NULL: none is given */
    bool glance; /**< at HDF4 files, see cao_hdf_read(); the scene is then unproven */
};

struct cao_sensor {
    struct cao_sensor_info info;
    /** Whether the folder @p path, which holds @p names, is one product of the family (of any level).
     *  NULL: its products have no folder of their own. */
    bool (*is_folder)(const char *path, const struct cao_names *names);
    /** Whether the name is that of a file of the family; then the beginning that the names of all
     *  files of its product share is copied to @p key. NULL: a product is a whole folder. */
    bool (*is_file)(const struct cao_sensor *self, const char *name, char key[CAO_KEY_SIZE]);
    /** Fill @p scene (zero-initialised, path and texts set before) from metadata. Missing optional bands
     *  are findings. @retval CAO_ECANCEL a glance does not do for it @retval CAO_EDATA cannot be used: err says why, *code is its short name;
     *  what was filled in of the scene is released by the caller */
    enum cao_status (*describe)(const struct cao_sensor *self, const struct cao_place *place,
                                struct cao_scene *scene, struct cao_findings *findings,
                                const char **code, struct cao_error *err);
    const struct cao_declared *declared; /**< by the project; NULL: built in */
};
/** The row of a declared family, which is borrowed. */
void cao_sensor_declare(const struct cao_declared *declared, struct cao_sensor *sensor);

extern const struct cao_sensor cao_sensor_sentinel2;
extern const struct cao_sensor cao_sensor_sentinel2_cog;
extern const struct cao_sensor cao_sensor_theia;
extern const struct cao_sensor cao_sensor_landsat;
extern const struct cao_sensor cao_sensor_hls;
extern const struct cao_sensor cao_sensor_modis;
extern const struct cao_sensor cao_sensor_viirs;
extern const struct cao_sensor cao_sensor_gaofen;

/** Seconds UTC of "YYYYDDD", or of "YYYYDDD[T]hhmmss" where that follows; false: not a time. */
bool cao_time_ordinal(const char *text, int64_t *seconds);
/** Whether @p name has the form: '#' a digit, '?' any character, others themselves; a beginning. */
bool cao_name_begins(const char *name, const char *form);
/** Replace *to by a copy of @p text. */
CAO_CHECKED enum cao_status cao_scene_text(char **to, const char *text, struct cao_error *err);
/** A file below @p dir by a relative path out of metadata: refused if it is absolute or climbs out. */
CAO_CHECKED enum cao_status cao_product_file(char out[CAO_PATH_MAX], const char *dir,
                                             const char *relative, struct cao_error *err);
/** Read a metadata text of at most 16 MB. */
CAO_CHECKED enum cao_status cao_metadata_read(const char *path, char **text, size_t *n,
                                              struct cao_error *err);
/** Digest of metadata text and of names, sizes and times of the scene's files into scene->stamp. */
CAO_CHECKED enum cao_status cao_scene_stamp(struct cao_scene *scene, const char *metadata, size_t n,
                                            struct cao_error *err);
#endif
