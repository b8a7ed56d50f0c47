/* SPDX-License-Identifier: MIT
 * The codes of findings: stable names, since scripts ask for them. A new code is a row. */
#include <string.h>

#include "caochu/findings.h"

/* In order of name. */
static const struct cao_code codes[] = {
    { "archive-unreadable",
      "an archive of imagery is torn or of a kind that cannot be read in place",
      "download it again, or unpack it" },
    { "block-unreadable", "a part of a raster cannot be read; its cells count as without a value",
      "download or compute the raster again" },
    { "coefficient-missing", "the profile lacks a number that a grassland type needs",
      "add it to a copy of the profile, with its source" },
    { "degradation-unknown", "a grade of degradation is not in the profile",
      "correct the word, or add the grade to a copy of the profile" },
    { "draft-left", "a draft of a killed run lies in the output folder",
      "nothing: the next run removes it" },
    { "file-changed", "a result does not have the bytes that were written",
      "run again with --again" },
    { "file-missing", "a result is named in a record or a map and is not there", "run again" },
    { "folder-too-deep",
      "folders are nested deeper than imagery ever is; what lies below is not searched",
      "name the inner folder in imagery" },
    { "folder-unreadable", "a folder of imagery cannot be read",
      "check its permissions and the mount" },
    { "geometry-repaired", "a polygon crossed itself or was not closed and was repaired",
      "look at it in QGIS; correct the layer if its area is wrong" },
    { "geometry-unusable",
      "a polygon has no area, no place in the coordinate system, or coordinates that are no "
      "numbers",
      "correct it in the layer" },
    { "herd-row",
      "a row of the livestock table is not usable: no id, or a number of heads that is none",
      "correct the row that is named" },
    { "herd-unknown-pasture", "a row of the livestock table names a pasture that the layer lacks",
      "correct the id in one of the two" },
    { "image-undated", "a raster has no date, so plots of all dates are matched with it",
      "put the date into the file's name: ndvi_20240805.tif" },
    { "level-unusable", "a product is not surface reflectance (L1C, L1TP, ...)",
      "download its Level-2 product" },
    { "missing-band", "a product lacks a band that an index needs, or its file",
      "download it again, or leave the index out" },
    { "missing-metadata", "a product lacks its metadata file", "download it again" },
    { "no-livestock", "no livestock table is given: capacity without a balance",
      "set livestock.file to have a balance" },
    { "no-lock", "the output's file system knows no locks, so nothing keeps a second run out",
      "see to it that only one run works on a folder; mount Lustre with -o flock" },
    { "no-products", "a folder of imagery holds no product that is recognised",
      "see 'caochu scan FOLDER' and 'caochu list sensors'" },
    { "no-quality", "a product has no quality layer, so clouds cannot be told",
      "name one, or accept what the mask misses" },
    { "nodata-undeclared",
      "a raster holds a number that can only stand for no data but does not say so",
      "tell it with --nodata, or declare it with gdal_edit.py -a_nodata" },
    { "not-cog", "a raster is torn or is not laid out as a Cloud-Optimized GeoTIFF",
      "run again with --again" },
    { "orphans", "the output folder holds tiles or maps that are no longer of the project",
      "keep them, or remove them with 'caochu run --prune'" },
    { "pasture-repeated", "two pastures bear the same id; the later one is left out",
      "correct the ids" },
    { "pasture-unreadable", "texts of a pasture are in no encoding that is known",
      "name pastures.encoding" },
    { "pasture-without-id", "a pasture has no id", "fill it in" },
    { "pastures-encoding", "the texts of the pastures' layer are not in the encoding it says",
      "set pastures.encoding" },
    { "period-empty", "no scene falls into a period and reaches the pastures",
      "check the dates, the folders and 'caochu scan'" },
    { "polygon-repeated", "two polygons bear the same id",
      "make ids unique, or know that both are reported" },
    { "polygons-outside", "polygons meet none of the rasters",
      "check the coordinate systems of both" },
    { "product-unreadable", "a product's metadata cannot be read", "download it again" },
    { "product-unusable", "a product is recognised but cannot be used as it is",
      "the text says why; often another processing of it can" },
    { "raster-unusable", "a raster cannot be used for zonal statistics", "the text says why" },
    { "record-missing", "a tile has no record that can be read", "run again" },
    { "run-unfinished", "the last run in the folder did not end", "run again" },
    { "scale-differs", "two places of a product's metadata disagree on scale or offset",
      "compare with the product's handbook; the text says which was used" },
    { "scene-superseded",
      "an older processing of the same scene lies beside a newer one, which is used",
      "nothing; delete the older one to save room" },
    { "scene-unplaced", "a scene cannot be brought onto the grid",
      "check its CRS with gdalinfo; download it again" },
    { "scene-unreachable",
      "the system could not read a scene's files, also after waiting; it is tried again by the "
      "next run",
      "check the disk or the network share, then run again" },
    { "scene-unreadable", "a scene's file is torn; it was left out of the tile",
      "download it again: the next run then redoes its tiles" },
    { "season-unknown", "a pasture's season is not one of the profile",
      "correct the layer, or add the season to a copy of the profile" },
    { "species-unknown", "a species of the livestock table is not in the profile",
      "correct the word, or add the species to a copy of the profile" },
    { "statistics-differ", "numbers of the pastures' table are not those of the maps beside it",
      "run again; if they still differ, run with --again" },
    { "tile-failed", "a tile could not be made; there is none",
      "the text says why; run again when it is mended" },
    { "top-of-atmosphere", "a scene's reflectance is not corrected for the atmosphere",
      "know that haze lowers NDVI; correct it for the atmosphere to compare with other sensors" },
    { "type-missing", "a pasture has no grassland type, so it has no yield",
      "fill in the type column of the layer" },
    { "type-unknown", "a grassland type is not in the profile",
      "correct the word, or add the type to a copy of the profile" },
    { "values-beyond", "a raster holds infinite numbers, which count as without a value",
      "look at how it was computed" },
    { "zone-unknown", "a zone of policy is not in the profile",
      "correct the word, or add the zone to a copy of the profile" },
};

const struct cao_code *cao_code_all(size_t *n)
{
    *n = sizeof codes / sizeof codes[0];
    return codes;
}

const struct cao_code *cao_code_find(const char *name)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i].name, name) == 0)
            return &codes[i];
    return NULL;
}
