/** @file raster/reader_kit.h  What all readers of one worker share: ways between coordinate systems,
 *  decoded blocks, scratch. SPDX-License-Identifier: MIT */
#ifndef CAO_RASTER_READER_KIT_H
#define CAO_RASTER_READER_KIT_H
#include <ogr_srs_api.h>

#include "caochu/reader.h"
#include "caochu/resample.h"
#include "raster/block_cache.h"
#include "raster/position.h"
#include "raster/source.h"

enum {
    CAO_CHUNK = 256, /* most cells along a chunk of the target */
    CAO_CHUNK_CELLS = CAO_CHUNK * CAO_CHUNK,
    CAO_MOST_LINKS = 64,
    CAO_MOST_SCALINGS = 8,
    CAO_MOST_PLACES = 16 /* chunks whose places are kept: those of a strip, of 10 and 20 m layers */
};

struct cao_crs_link {
    char *crs; /* the scene's, as it describes it */
    bool same; /* as the grid's */
    OGRSpatialReferenceH srs;
    OGRCoordinateTransformationH to_scene, to_grid;
};

/** What is kept of places: as they are; the spots between the pixels of a buffer that bilinear asks for; or
 *  the pixels of one that hold them. */
enum cao_places_kind { CAO_PLACES_EXACT, CAO_PLACES_SPOTS, CAO_PLACES_HOLDERS };

/** Where the cells of a chunk lie in the layers of one grid and size; the scenes of a place share it. */
struct cao_places {
    OGRCoordinateTransformationH to_layer;
    double geotransform[6];
    int width, height; /* of the layer */
    enum cao_places_kind kind;
    struct cao_window window;
    double x0, x1, y0, y1;    /* least and most */
    double *x, *y;            /* exact */
    struct cao_pixels pixels; /* the buffer of spots or holders; width 0 where it is out of all */
    struct cao_spots spots;   /* holders: at alone */
    uint64_t used;            /* 0: holds none */
    void *memory;             /* of CAO_CHUNK_CELLS */
};

struct cao_reader_kit {
    const struct cao_grid *grid;
    struct cao_crs_link links[CAO_MOST_LINKS];
    size_t n_links;
    struct cao_block_cache *blocks;
    struct cao_places places[CAO_MOST_PLACES];
    uint64_t clock;
    struct cao_scaling scaling[CAO_MOST_SCALINGS]; /* a ring: the kinds of numbers met last */
    size_t n_scalings;                             /* ever */
    /* Scratch, taken at first use. */
    uint16_t *dn;                 /* [CAO_SOURCE_PIXELS] */
    float *value;                 /* [CAO_SOURCE_PIXELS] */
    double *x, *y;                /* [CAO_CHUNK_CELLS] */
    uint8_t *reason, *wide, *hit; /* [CAO_SOURCE_PIXELS], of masks that are laid on pixels */
};

/** The way from the grid to the scene's CRS, found once. @retval CAO_EDATA there is none */
CAO_CHECKED enum cao_status cao_reader_kit_link(struct cao_reader_kit *k,
                                                const struct cao_scene *scene,
                                                const struct cao_crs_link **link,
                                                struct cao_error *err);
/** How numbers become reflectance, found once for many layers. */
struct cao_scaling cao_reader_kit_scaling(struct cao_reader_kit *k, double gain, double offset,
                                          bool is_signed);
/** Take the scratch. @param places x and y too */
CAO_CHECKED enum cao_status cao_reader_kit_room(struct cao_reader_kit *k, bool places,
                                                struct cao_error *err);
/** Take the scratch of masks. */
CAO_CHECKED enum cao_status cao_reader_kit_masks(struct cao_reader_kit *k, struct cao_error *err);
/** The places of such a kind of the window that @p like names, layer and all. They are kept from another scene
 *  where ->used is set; else they are to be worked out, and their memory is that of those which were not used
 *  for longest. NULL: no memory. */
CAO_CHECKED struct cao_places *cao_reader_kit_places(struct cao_reader_kit *k,
                                                     const struct cao_places *like);
/** From here on they are kept. */
void cao_reader_kit_keep(struct cao_reader_kit *k, struct cao_places *places);
/** Least and greatest of n places; NaN stays out. */
void cao_places_range(const double *restrict v, size_t n, double *least, double *most);
#endif
