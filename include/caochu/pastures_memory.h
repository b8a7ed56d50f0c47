/** @file caochu/pastures_memory.h  What became of a layer of pastures, kept in a file, so that the same layer
 *  need not be read, carried to the grid and measured again.
 *
 *  A file that is torn, of another form, machine or layer is no memory: nothing is said, the layer is read.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_PASTURES_MEMORY_H
#define CAO_PASTURES_MEMORY_H
#include "caochu/hash.h"
#include "caochu/pastures.h"

/** What a layer becomes, and the grid's CRS that was chosen for it. */
struct cao_pastures_made {
    struct cao_pastures pastures;
    char *crs_wkt, *crs_name;
    struct cao_findings findings; /**< that reading the layer gave */
};

/** Digest of all that decides what becomes of a layer: the bytes of its files, which layer and columns are
 *  asked for, the grid's CRS as the project says it and its resolution, the libraries and their data.
 *  @retval CAO_EDATA it cannot be told, as of an archive: remember nothing */
CAO_CHECKED enum cao_status cao_pastures_key(const struct cao_pasture_source *src,
                                             const char *grid_crs, double res_m,
                                             char key[CAO_HASH_TEXT], struct cao_error *err);
/** Read from @p path what was remembered under @p key; false: nothing. The caller owns *made. */
CAO_CHECKED bool cao_pastures_recall(const char *path, const char key[CAO_HASH_TEXT],
                                     const struct cao_pasture_source *src,
                                     struct cao_pastures_made *made);
/** Write it, whole or not at all, replacing what was there. Layers above a GB are not remembered.
 *  @param first index in @p findings of the first that is of the layer */
CAO_CHECKED enum cao_status cao_pastures_remember(const char *path, const char key[CAO_HASH_TEXT],
                                                  const struct cao_pastures *pastures,
                                                  const char *crs_wkt, const char *crs_name,
                                                  const struct cao_findings *findings, size_t first,
                                                  size_t n_findings, struct cao_error *err);
void cao_pastures_made_release(struct cao_pastures_made *made);
#endif
