/** @file caochu/pastures.h  Pasture polygons of any OGR source, brought onto the grid's CRS.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_PASTURES_H
#define CAO_PASTURES_H
#include "caochu/cover.h"
#include "caochu/findings.h"
#include "caochu/grid.h"
#include "caochu/table.h"

/** Several workers, for those who have them: run() does items 0 to n - 1 of @p work, in any order, and returns the
 *  error of the lowest that failed. */
struct cao_pasture_workers {
    size_t n;
    void *context;
    enum cao_status (*run)(void *context, size_t n,
                           enum cao_status (*work)(void *shared, size_t i, struct cao_error *err),
                           void *shared, struct cao_error *err);
};

/** Where to find what in the layer. NULL or "" means not given. */
struct cao_pasture_source {
    const char *path, *layer;
    const char *id_field; /**< required; read as text, leading zeros kept */
    const char *name_field, *type_field, *season_field;
    const char *grade_field, *zone_field, *herd_field;
    const char *keys; /**< group of the project file's keys that messages name; NULL: "pastures" */
    const char
        *crs; /**< used where the layer has none; a layer without CRS and without this is refused */
    bool crs_wins;        /**< crs is taken whatever the layer says, such as a wrong .prj */
    const char *encoding; /**< of a Shapefile's DBF; else .cpg, LDID, then GB18030 */
    const char *where;    /**< OGR attribute filter */
    const char *const *group_fields;
    size_t n_groups;   /**< carried through to the tables */
    bool any_id;       /**< no id field: the feature's number; ids may repeat or be empty */
    bool planar;       /**< area_geodesic_ha is not wanted and stays 0 */
    bool rings_only;   /**< the layer's own geometry is not wanted: wkb stays NULL */
    bool from_options; /**< messages name command line options, not keys of the project file */
    const struct cao_pasture_workers *workers; /**< for geometries; NULL: alone. Changes no bit */
};

struct cao_pasture {
    char *id, *name, *type, *season; /**< never NULL, as the next */
    char *grade, *zone, *herd; /**< degradation; zone of policy; household whose herd grazes it */
    char **groups;             /**< [n_groups] */
    unsigned char *wkb;
    size_t wkb_size; /**< geometry (repaired) in the layer's own CRS */
    double *xy;
    size_t *ring_end;
    size_t n_rings;          /**< in the CRS of projection, metres, edges densified */
    double area_geodesic_ha; /**< on the WGS 84 ellipsoid, edges straight in the layer's own CRS */
    double area_grid_ha;     /**< planar in the grid's CRS */
    bool repaired;
    long row; /**< feature number in the source, 1-based */
};

/** In order of the source. Features that cannot be used (no geometry, NaN coordinates, a repeated
 *  id, an empty id) are left out and named in the findings. */
struct cao_pastures {
    struct cao_pasture *items;
    size_t n, n_groups;
    enum cao_cell *group_types; /**< [n_groups] as the layer has them */
    char *layer_crs;            /**< WKT of the layer */
    char *path;
    char
        *block; /**< what was recalled (pastures_memory.h): the items' texts and arrays lie in it */
    char **block_groups;
};

/** Extent in lon/lat of what will be loaded, to choose a CRS before a grid exists. */
CAO_CHECKED enum cao_status cao_pastures_extent(const struct cao_pasture_source *src,
                                                double lonlat[4], struct cao_error *err);
/** Read, repair (GEOS make-valid), reproject to @p crs with vertices added so that edges stay
 *  true to a hundredth of @p res_m, orient rings (shells one way, holes the other).
 *  @retval CAO_EARG unknown layer or field: the text lists those there are  @retval CAO_EDATA no
 *  CRS, nothing usable  @retval CAO_EIO cannot be opened */
CAO_CHECKED enum cao_status cao_pastures_load(const struct cao_pasture_source *src, const char *crs,
                                              double res_m, struct cao_pastures *pastures,
                                              struct cao_findings *findings, struct cao_error *err);
/** Bounding box of all rings, metres in the grid's CRS: xmin ymin xmax ymax. */
void cao_pastures_bounds(const struct cao_pastures *p, double box[4]);
/** Ring coordinates in cells of the grid, y down (see cover.h), into xy_cells (2 doubles a point,
 *  as many as p has); @p out borrows xy_cells and p's ring ends. */
void cao_pasture_on_grid(const struct cao_pasture *p, const struct cao_grid *g, double *xy_cells,
                         struct cao_polygon *out);
void cao_pastures_release(struct cao_pastures *p);
#endif
