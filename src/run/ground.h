/** @file run/ground.h  What the ground is apart from its imagery: grassland type, degradation and policy
 *  zone by place, and how steep it is. Layers are read once; tiles take what lies in them.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_GROUND_H
#define CAO_RUN_GROUND_H
#include "caochu/findings.h"
#include "caochu/grid.h"
#include "caochu/lines.h"
#include "caochu/project.h"

/** Type, grade and zone of a cell in one number: each 0 where nothing tells, else 1 + its position in the
 *  profile. CAO_GROUND_OWN: as the pasture's own columns say. */
typedef uint16_t cao_ground;
enum { CAO_GROUND_OWN = 0xffff, CAO_NOT_GRASS = 255, CAO_MOST_GRADES = 14 };

static inline cao_ground cao_ground_pack(unsigned type, unsigned grade, unsigned zone)
{
    return (cao_ground)(type | grade << 8 | zone << 12);
}
static inline unsigned cao_ground_part(cao_ground g, enum cao_ground_kind kind)
{
    return kind == CAO_GROUND_TYPE ? g & 0xffu : kind == CAO_GROUND_GRADE ? g >> 8 & 0xfu : g >> 12;
}

/** One layer: polygons, or a raster of codes. */
struct cao_ground_layer {
    bool used, is_raster;
    struct cao_pastures polygons;
    unsigned char *value;      /**< [polygons.n], or [65536] by code */
    struct cao_polygon *cells; /**< [polygons.n] on the grid */
    struct cao_window *box;    /**< [polygons.n] */
    double *xy;
    struct cao_scene scene; /**< the raster, as a scene with one layer of codes */
    struct cao_grid grid;   /**< the raster's: cells as fine as its pixels, for a majority */
    int32_t fine;           /**< so many of them along a cell of the grid */
};

/** Read-only once made; shared by all workers. */
struct cao_ground_layers {
    struct cao_ground_layer layer[CAO_N_GROUND];
    bool by_cell; /**< any of them is used */
    bool has_use; /**< terrain or water reduces the use of places */
    bool has_dem;
    bool has_water;
    struct cao_lines water; /**< shores, rivers, wells: in cells of the grid once placed */
    double (*water_box)[4]; /**< [water.n] least x, y, most x, y */
    int32_t water_reach;    /**< cells beyond which a distance makes no difference */
    struct cao_scene dem;   /**< as a scene with one band of elevations */
    int32_t reach;          /**< cells between those that a slope is measured over */
    char stamp[CAO_N_GROUND + 2][64]; /**< sizes and times of the files; "" not used */
};

/** Read the layers that the project names. Words are looked up in the profile: what it does not know is
 *  refused with the nearest match. @p crs of the grid, WKT.
 *  @retval CAO_EARG a word, a column, a table that is not there */
CAO_CHECKED enum cao_status cao_ground_load(const struct cao_project *project,
                                            const struct cao_profile *profile, const char *crs,
                                            struct cao_ground_layers *ground,
                                            struct cao_findings *findings, struct cao_error *err);
/** Bring them onto the grid. */
CAO_CHECKED enum cao_status cao_ground_place(struct cao_ground_layers *ground,
                                             const struct cao_grid *grid, struct cao_error *err);
/** False where the layer's polygons lie wholly beside the window: it tells nothing there for sure. */
bool cao_ground_may_tell(const struct cao_ground_layers *ground, enum cao_ground_kind kind,
                         const struct cao_window *w);
void cao_ground_release(struct cao_ground_layers *ground);
/** Share of the use that the distance to water leaves. */
float cao_ground_near(const struct cao_profile *profile, double distance_m);
/** Share of the use that slope and altitude leave; NaN where the elevation is not known. */
float cao_ground_use(const struct cao_profile *profile, double slope_deg, double altitude_m);
#endif
