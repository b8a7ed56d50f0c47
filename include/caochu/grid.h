/** @file caochu/grid.h  The output grid: one CRS, one resolution, one origin, square tiles.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_GRID_H
#define CAO_GRID_H
#include <stdbool.h>
#include "caochu/cover.h"
#include "caochu/scene.h"
#include "caochu/status.h"

/** North up. Column 0, row 0 is the cell whose upper left corner is (x0, y0). All windows and
 *  polygons are in its cells. The tile lattice is anchored at (x0, y0). */
struct cao_grid {
    char *crs;      /**< WKT; projected, in metres */
    char *crs_name; /**< short: "EPSG:32647", or the CRS's own name */
    double x0, y0, res_m;
    int32_t cols, rows;
    int32_t tile; /**< cells along the side of a tile */
};

/** @p crs_text is anything GDAL understands ("EPSG:32647", WKT, PROJ string).
 *  @retval CAO_EARG not a CRS, not projected, or not in metres */
CAO_CHECKED enum cao_status cao_grid_init(struct cao_grid *g, const char *crs_text, double x0,
                                          double y0, double res_m, int32_t cols, int32_t rows,
                                          int32_t tile, struct cao_error *err);
CAO_CHECKED enum cao_status cao_grid_copy(struct cao_grid *to, const struct cao_grid *from,
                                          struct cao_error *err);
void cao_grid_release(struct cao_grid *g);

/** A CRS text as WKT and short name, checked to be projected and in metres. free() both. */
CAO_CHECKED enum cao_status cao_crs_resolve(const char *crs_text, char **wkt, char **name,
                                            struct cao_error *err);
/** "EPSG:32647" where the CRS states its code or GDAL recognises it, else its own name. */
void cao_crs_name(const char *crs_text, char *name, size_t size);
bool cao_crs_same(const char *crs_a, const char *crs_b);
/** The UTM zone (WGS 84, "EPSG:326zz"/"EPSG:327zz") of a point, without the Norway exceptions. */
void cao_crs_utm(double lon, double lat, char text[32]);

/** How well PROJ brings coordinates of @p crs to WGS 84 in and around Qinghai on this machine. */
struct cao_crs_way {
    char name[128];    /**< of the operation that is used */
    double accuracy_m; /**< negative: not known, a ballpark */
    int n_missing;     /**< better ones that want grid files which are not here */
};
/** @retval CAO_EARG PROJ does not know @p crs, or no way */
CAO_CHECKED enum cao_status cao_crs_way_to_wgs84(const char *crs, struct cao_crs_way *way,
                                                 struct cao_error *err);

/** Where the tile lattice starts: for WGS 84 UTM the upper left corner of the Sentinel-2 tile that
 *  holds (x, y), so that source blocks and tiles coincide; else the multiple of tile * res
 *  up-left of it. Depends on the place alone, never on which scenes have arrived. */
void cao_grid_anchor(const char *crs, double x, double y, double res_m, int32_t tile, double *x0,
                     double *y0);

/** Bounding window of a scene's image in the cells of the grid, clipped to it, grown by one cell;
 *  cols or rows 0 where they do not meet. Edges are transformed with added points. */
CAO_CHECKED enum cao_status cao_grid_scene_window(const struct cao_grid *g,
                                                  const struct cao_scene *s, struct cao_window *w,
                                                  struct cao_error *err);

/** "r003c012"-like name of the tile at tile row and column. */
void cao_tile_name(int32_t tile_row, int32_t tile_col, char text[32]);
struct cao_window cao_tile_window(const struct cao_grid *g, int32_t tile_row, int32_t tile_col);
#endif
