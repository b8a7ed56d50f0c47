/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <cpl_conv.h>
#include <cpl_minixml.h>
#include <cpl_string.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "raster/layout.h"

static void set_int(CPLXMLNode *node, const char *path, long value)
{
    char text[32];
    snprintf(text, sizeof text, "%ld", value);
    CPLSetXMLValue(node, path, text);
}

static void set_number(CPLXMLNode *node, const char *path, double value)
{
    char text[64];
    if (isnan(value))
        snprintf(text, sizeof text, "nan");
    else
        CPLsnprintf(text, sizeof text, "%.17g", value); /* a point, whatever the locale */
    CPLSetXMLValue(node, path, text);
}

static void add_place(CPLXMLNode *root, const struct cao_grid *g)
{
    const struct cao_window whole = { 0, 0, g->cols, g->rows };
    char text[256];
    double t[6];
    cao_window_geotransform(g, &whole, t);
    set_int(root, "#rasterXSize", g->cols);
    set_int(root, "#rasterYSize", g->rows);
    CPLXMLNode *srs = CPLCreateXMLElementAndValue(root, "SRS", g->crs);
    CPLSetXMLValue(srs, "#dataAxisToSRSAxisMapping", "1,2");
    CPLsnprintf(text, sizeof text, "%.17g, %.17g, %.17g, %.17g, %.17g, %.17g", t[0], t[1], t[2],
                t[3], t[4], t[5]);
    CPLCreateXMLElementAndValue(root, "GeoTransform", text);
}

/* The name of class @p value in both languages, "" where there is none. */
static void class_name(const struct cao_raster_layout *l, int value, char *text, size_t size)
{
    text[0] = '\0';
    for (size_t i = 0; i < l->n_legend; i++)
        if (l->legend[i].value == value) {
            const char *zh = l->legend[i].zh;
            snprintf(text, size, "%s%s%s", zh ? zh : "", zh && zh[0] ? " " : "", l->legend[i].name);
        }
}

static bool add_legend(CPLXMLNode *band, const struct cao_raster_layout *l)
{
    GDALColorTableH colors = cao_legend_colors(l);
    if (!colors)
        return false;
    CPLSetXMLValue(band, "ColorInterp", "Palette");
    CPLXMLNode *names = CPLCreateXMLNode(band, CXT_Element, "CategoryNames");
    CPLXMLNode *table = CPLCreateXMLNode(band, CXT_Element, "ColorTable");
    int last = 0;
    for (size_t i = 0; i < l->n_legend; i++)
        last = l->legend[i].value > last ? l->legend[i].value : last;
    for (int v = 0; v <= last; v++) {
        char text[256];
        class_name(l, v, text, sizeof text);
        CPLCreateXMLElementAndValue(names, "Category", text);
    }
    for (int v = 0; v < GDALGetColorEntryCount(colors); v++) {
        const GDALColorEntry *c = GDALGetColorEntry(colors, v);
        CPLXMLNode *entry = CPLCreateXMLNode(table, CXT_Element, "Entry");
        set_int(entry, "#c1", c->c1);
        set_int(entry, "#c2", c->c2);
        set_int(entry, "#c3", c->c3);
        set_int(entry, "#c4", c->c4);
    }
    GDALDestroyColorTable(colors);
    return true;
}

/* Sources as text: a province has thousands of tiles for each of its products, and nodes of a tree cost
 * thirty times as much. With the properties here a tile is opened only when its pixels are asked for. */
static void add_part(struct cao_buf *b, const struct cao_raster_layout *l,
                     const struct cao_mosaic_part *part)
{
    const struct cao_window *w = &part->window;
    char *name = CPLEscapeString(part->relative_path, -1, CPLES_XML);
    cao_buf_add(b,
                "    <SimpleSource>\n"
                "      <SourceFilename relativeToVRT=\"1\">%s</SourceFilename>\n"
                "      <SourceBand>1</SourceBand>\n"
                "      <SourceProperties RasterXSize=\"%d\" RasterYSize=\"%d\" DataType=\"%s\" "
                "BlockXSize=\"%d\" BlockYSize=\"%d\" />\n"
                "      <SrcRect xOff=\"0\" yOff=\"0\" xSize=\"%d\" ySize=\"%d\" />\n"
                "      <DstRect xOff=\"%d\" yOff=\"%d\" xSize=\"%d\" ySize=\"%d\" />\n"
                "    </SimpleSource>\n",
                name, w->cols, w->rows, GDALGetDataTypeName(cao_pixel_gdal(l->pixel)), CAO_BLOCK,
                CAO_BLOCK, w->cols, w->rows, w->col, w->row, w->cols, w->rows);
    CPLFree(name);
}

static enum cao_status check_parts(const char *path, const struct cao_grid *g,
                                   const struct cao_mosaic_part *parts, size_t n,
                                   struct cao_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct cao_window *w = &parts[i].window;
        if (w->cols < 1 || w->rows < 1 || w->col < 0 || w->row < 0 || w->cols > g->cols - w->col ||
            w->rows > g->rows - w->row)
            return cao_fail(err, CAO_EARG, "%s: tile %s does not lie on the grid", path,
                            parts[i].relative_path);
    }
    return CAO_OK;
}

enum cao_status cao_vrt_write(const char *path, const struct cao_grid *grid,
                              const struct cao_raster_layout *layout,
                              const struct cao_mosaic_part *parts, size_t n_parts,
                              struct cao_error *err)
{
    enum cao_status st = cao_layout_check(layout, err);
    if (st)
        return cao_within(err, st, "%s", path);
    st = check_parts(path, grid, parts, n_parts, err);
    if (st)
        return st;
    CPLXMLNode *root = CPLCreateXMLNode(NULL, CXT_Element, "VRTDataset");
    add_place(root, grid);
    CPLXMLNode *band = CPLCreateXMLNode(root, CXT_Element, "VRTRasterBand");
    CPLSetXMLValue(band, "#dataType", GDALGetDataTypeName(cao_pixel_gdal(layout->pixel)));
    CPLSetXMLValue(band, "#band", "1");
    CPLSetXMLValue(band, "Description", layout->description);
    if (layout->unit && layout->unit[0])
        CPLSetXMLValue(band, "UnitType", layout->unit);
    set_number(band, "NoDataValue", layout->nodata);
    if (layout->scale != 1.0 || layout->offset != 0.0) {
        set_number(band, "Offset", layout->offset);
        set_number(band, "Scale", layout->scale);
    }
    bool ok = layout->n_legend == 0 || add_legend(band, layout);
    char *text = ok ? CPLSerializeXMLTree(root) : NULL;
    CPLDestroyXMLNode(root);
    static const char band_end[] = "  </VRTRasterBand>";
    const char *end = text ? strstr(text, band_end) : NULL;
    struct cao_buf b = { 0 };
    if (end) {
        cao_buf_put(&b, text, (size_t)(end - text));
        for (size_t i = 0; i < n_parts; i++)
            add_part(&b, layout, &parts[i]);
        cao_buf_put(&b, end, strlen(end));
    }
    st = end && b.text && !b.failed ? cao_file_write(path, b.text, b.n, err)
                                    : cao_fail(err, CAO_ENOMEM, "%s: out of memory", path);
    cao_buf_release(&b);
    CPLFree(text);
    return st;
}
