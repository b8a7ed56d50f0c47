/* SPDX-License-Identifier: MIT
 * A Sentinel-2 product folder as ESA delivers it, with metadata of the true structure. */
#include "world/world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "caochu/text.h"

static void compact_time(int64_t seconds, char text[32])
{
    char full[CAO_TIME_TEXT];
    cao_time_format(seconds, full); /* 2024-07-18T04:05:51Z */
    snprintf(text, 32, "%.4s%.2s%.2sT%.2s%.2s%.2s", full, full + 5, full + 8, full + 11, full + 14,
             full + 17);
}

static void millis(int64_t seconds, char text[40])
{
    char full[CAO_TIME_TEXT];
    cao_time_format(seconds, full);
    snprintf(text, 40, "%.19s.024Z", full);
}

void world_image_file(const struct world_product *p, const char *band, int res_m, char *out,
                      size_t size)
{
    char sensed[32];
    compact_time(p->look->sensing, sensed);
    snprintf(out, size, "GRANULE/%s/IMG_DATA/R%dm/T" WORLD_TILE "_%s_%s_%dm", p->granule, res_m,
             sensed, band, res_m);
}

static bool is_faulty(const struct world_fault *f, size_t n, int32_t day, const char *band)
{
    for (size_t i = 0; i < n; i++)
        if (f[i].day == day && strcmp(f[i].band, band) == 0)
            return true;
    return false;
}

static enum cao_status write_image(const char *path, const uint16_t *pixels, int size, int res_m,
                                   bool bytes, bool gtiff, struct cao_error *err)
{
    char pointer[64];
    snprintf(pointer, sizeof pointer, "DATAPOINTER=%p", (const void *)pixels);
    char *band_options[] = { pointer, NULL };
    const double t[6] = { WORLD_ULX, res_m, 0, WORLD_ULY, 0, -res_m };
    OGRSpatialReferenceH srs = OSRNewSpatialReference(NULL);
    OSRImportFromEPSG(srs, WORLD_EPSG);
    GDALDatasetH from = GDALCreate(GDALGetDriverByName("MEM"), "", size, size, 0, GDT_UInt16, NULL);
    GDALAddBand(from, GDT_UInt16, band_options);
    GDALSetGeoTransform(from, (double *)(uintptr_t)t);
    GDALSetSpatialRef(from, srs);
    GDALDatasetH whole = from;
    if (bytes) { /* SCL is 8 bits */
        whole = GDALCreateCopy(GDALGetDriverByName("MEM"), "", from, FALSE, NULL, NULL, NULL);
        GDALClose(whole);
        whole = GDALCreate(GDALGetDriverByName("MEM"), "", size, size, 1, GDT_Byte, NULL);
        GDALSetGeoTransform(whole, (double *)(uintptr_t)t);
        GDALSetSpatialRef(whole, srs);
        if (GDALRasterIO(GDALGetRasterBand(whole, 1), GF_Write, 0, 0, size, size,
                         (void *)(uintptr_t)pixels, size, size, GDT_UInt16, 0, 0) != CE_None)
            return cao_fail(err, CAO_EIO, "%s: cannot be prepared", path);
    }
    char **o = NULL;
    if (gtiff) {
        o = CSLSetNameValue(o, "COMPRESS", "DEFLATE");
        o = CSLSetNameValue(o, "PREDICTOR", "2");
        o = CSLSetNameValue(o, "TILED", "YES");
        o = CSLSetNameValue(o, "BLOCKXSIZE", "512");
        o = CSLSetNameValue(o, "BLOCKYSIZE", "512");
    } else {
        o = CSLSetNameValue(o, "QUALITY", "100");
        o = CSLSetNameValue(o, "REVERSIBLE", "YES");
        o = CSLSetNameValue(o, "BLOCKXSIZE", "1024");
        o = CSLSetNameValue(o, "BLOCKYSIZE", "1024");
    }
    CPLErrorReset();
    GDALDatasetH to = GDALCreateCopy(GDALGetDriverByName(gtiff ? "GTiff" : "JP2OpenJPEG"), path,
                                     whole, TRUE, o, NULL, NULL);
    if (to)
        GDALClose(to);
    bool bad = !to || CPLGetLastErrorType() >= CE_Failure;
    CSLDestroy(o);
    if (whole != from)
        GDALClose(whole);
    GDALClose(from);
    OSRDestroySpatialReference(srs);
    return bad ? cao_fail(err, CAO_EIO, "%s: cannot be written: %s", path, CPLGetLastErrorMsg())
               : CAO_OK;
}

static enum cao_status put_image(const struct world_product *p, const char *folder,
                                 const char *band, int res_m, const uint16_t *pixels, int size,
                                 struct cao_error *err)
{
    const struct world_options *o = p->options;
    char file[256], path[CAO_PATH_MAX], dir[CAO_PATH_MAX];
    if (is_faulty(o->drop, o->n_drop, p->look->day, band))
        return CAO_OK;
    world_image_file(p, band, res_m, file, sizeof file);
    snprintf(path, sizeof path, "%s/%s.%s", folder, file, o->gtiff ? "tif" : "jp2");
    cao_path_dir(dir, path);
    enum cao_status st = cao_make_dirs(dir, err);
    if (!st)
        st = write_image(path, pixels, size, res_m, strcmp(band, "SCL") == 0, o->gtiff, err);
    if (!st && is_faulty(o->truncate, o->n_truncate, p->look->day, band)) {
        char *data = NULL;
        size_t n = 0;
        st = cao_file_read(path, SIZE_MAX / 2, &data, &n, err);
        if (!st)
            st = cao_file_write(path, data, n * 6 / 10, err);
        free(data);
    }
    return st;
}

/* --- metadata, after the structure of real products of baselines 02.14 to 05.10 --- */

static void product_info(const struct world_product *p, struct cao_buf *b)
{
    const struct world_look *l = p->look;
    char sensed[40], made[40], compact[32];
    const char *level = l->l1c ? "1C" : "2A";
    millis(l->sensing, sensed);
    millis(l->generated, made);
    compact_time(l->sensing, compact);
    cao_buf_add(b,
                "  <n1:General_Info>\n    <Product_Info>\n"
                "      <PRODUCT_START_TIME>%s</PRODUCT_START_TIME>\n      "
                "<PRODUCT_STOP_TIME>%s</PRODUCT_STOP_TIME>\n"
                "      <PRODUCT_URI>%s.SAFE</PRODUCT_URI>\n      "
                "<PROCESSING_LEVEL>Level-%s</PROCESSING_LEVEL>\n"
                "      <PRODUCT_TYPE>S2MSI%s</PRODUCT_TYPE>\n      "
                "<PROCESSING_BASELINE>%s</PROCESSING_BASELINE>\n"
                "      <GENERATION_TIME>%s</GENERATION_TIME>\n",
                sensed, sensed, p->name, level, level, p->options->baseline, made);
    cao_buf_add(b,
                "      <Datatake datatakeIdentifier=\"GS2%c_%s_%06d_N%s\">\n"
                "        <SPACECRAFT_NAME>Sentinel-2%c</SPACECRAFT_NAME>\n        "
                "<DATATAKE_TYPE>INS-NOBS</DATATAKE_TYPE>\n"
                "        <DATATAKE_SENSING_START>%s</DATATAKE_SENSING_START>\n"
                "        <SENSING_ORBIT_NUMBER>47</SENSING_ORBIT_NUMBER>\n"
                "        <SENSING_ORBIT_DIRECTION>DESCENDING</SENSING_ORBIT_DIRECTION>\n      "
                "</Datatake>\n",
                l->platform, compact, l->orbit, p->options->baseline, l->platform, sensed);
}

static void granule_list(const struct world_product *p, struct cao_buf *b)
{
    cao_buf_add(b,
                "      <Product_Organisation>\n        <Granule_List>\n"
                "          <Granule granuleIdentifier=\"S2%c_OPER_MSI_L2A_TL_2APS_%s\" "
                "imageFormat=\"JPEG2000\">\n",
                p->look->platform, p->granule);
    for (size_t i = 0; i <= WORLD_N_BANDS; i++) {
        char file[256];
        bool scl = i == WORLD_N_BANDS;
        world_image_file(p, scl ? "SCL" : world_bands[i].name, scl ? 20 : 10 * world_bands[i].step,
                         file, sizeof file);
        cao_buf_add(b, "            <IMAGE_FILE>%s</IMAGE_FILE>\n", file);
    }
    cao_buf_add(b, "          </Granule>\n        </Granule_List>\n      </Product_Organisation>\n "
                   "   </Product_Info>\n");
}

static void characteristics(const struct world_product *p, struct cao_buf *b)
{
    cao_buf_add(
        b, "    <Product_Image_Characteristics>\n"
           "      <Special_Values>\n        <SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT>\n"
           "        <SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX>\n      </Special_Values>\n"
           "      <Special_Values>\n        <SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT>\n"
           "        <SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX>\n      </Special_Values>\n");
    if (p->look->l1c)
        cao_buf_add(b, "      <QUANTIFICATION_VALUE unit=\"none\">10000</QUANTIFICATION_VALUE>\n");
    else
        cao_buf_add(
            b, "      <QUANTIFICATION_VALUES_LIST>\n"
               "        <BOA_QUANTIFICATION_VALUE unit=\"none\">10000</BOA_QUANTIFICATION_VALUE>\n"
               "        <AOT_QUANTIFICATION_VALUE unit=\"none\">1000.0</AOT_QUANTIFICATION_VALUE>\n"
               "        <WVP_QUANTIFICATION_VALUE unit=\"cm\">1000.0</WVP_QUANTIFICATION_VALUE>\n"
               "      </QUANTIFICATION_VALUES_LIST>\n");
    if (p->options->has_offset && !p->look->l1c) {
        cao_buf_add(b, "      <BOA_ADD_OFFSET_VALUES_LIST>\n");
        for (int i = 0; i < 13; i++)
            cao_buf_add(b, "        <BOA_ADD_OFFSET band_id=\"%d\">-1000</BOA_ADD_OFFSET>\n", i);
        cao_buf_add(b, "      </BOA_ADD_OFFSET_VALUES_LIST>\n");
    }
    cao_buf_add(b, "    </Product_Image_Characteristics>\n  </n1:General_Info>\n");
}

static double cloud_share(const struct world_product *p)
{
    uint64_t seen = 0;
    for (int c = 1; c < 12; c++)
        seen += p->classes[c];
    uint64_t cloud = p->classes[8] + p->classes[9] + p->classes[10];
    return seen ? 100.0 * (double)cloud / (double)seen : 0;
}

static enum cao_status put_text(const char *folder, const char *name, struct cao_buf *b,
                                struct cao_error *err)
{
    char path[CAO_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    enum cao_status st = b->failed ? cao_fail(err, CAO_ENOMEM, "out of memory")
                                   : cao_file_write(path, b->text, b->n, err);
    cao_buf_release(b);
    return st;
}

static enum cao_status tile_metadata(const struct world_product *p, const char *folder,
                                     struct cao_error *err)
{
    static const int resolutions[] = { 10, 20, 60 };
    struct cao_buf b = { 0 };
    char sensed[40], name[256];
    millis(p->look->sensing, sensed);
    cao_buf_add(
        &b,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
        "<n1:Level-2A_Tile_ID "
        "xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-2A_Tile_Metadata.xsd\">\n"
        "  <n1:General_Info>\n    <TILE_ID "
        "metadataLevel=\"Brief\">S2%c_OPER_MSI_L2A_TL_2APS_A%06d_T" WORLD_TILE
        "_N%s</TILE_ID>\n    <SENSING_TIME metadataLevel=\"Standard\">%s</SENSING_TIME>\n  "
        "</n1:General_Info>\n"
        "  <n1:Geometric_Info>\n    <Tile_Geocoding metadataLevel=\"Brief\">\n"
        "      <HORIZONTAL_CS_NAME>WGS84 / UTM zone 47N</HORIZONTAL_CS_NAME>\n"
        "      <HORIZONTAL_CS_CODE>EPSG:%d</HORIZONTAL_CS_CODE>\n",
        p->look->platform, p->look->orbit, p->options->baseline, sensed, WORLD_EPSG);
    for (int i = 0; i < 3; i++) {
        int n = p->options->size * WORLD_PIXEL / resolutions[i];
        cao_buf_add(&b,
                    "      <Size resolution=\"%d\">\n        <NROWS>%d</NROWS>\n        "
                    "<NCOLS>%d</NCOLS>\n      </Size>\n",
                    resolutions[i], n, n);
    }
    for (int i = 0; i < 3; i++)
        cao_buf_add(
            &b,
            "      <Geoposition resolution=\"%d\">\n        <ULX>%d</ULX>\n        <ULY>%d</ULY>\n"
            "        <XDIM>%d</XDIM>\n        <YDIM>-%d</YDIM>\n      </Geoposition>\n",
            resolutions[i], WORLD_ULX, WORLD_ULY, resolutions[i], resolutions[i]);
    cao_buf_add(&b,
                "    </Tile_Geocoding>\n    <Tile_Angles metadataLevel=\"Standard\">\n      "
                "<Mean_Sun_Angle>\n"
                "        <ZENITH_ANGLE unit=\"deg\">%.9f</ZENITH_ANGLE>\n        <AZIMUTH_ANGLE "
                "unit=\"deg\">%.9f</AZIMUTH_ANGLE>\n"
                "      </Mean_Sun_Angle>\n    </Tile_Angles>\n  "
                "</n1:Geometric_Info>\n</n1:Level-2A_Tile_ID>\n",
                p->look->sun_zenith, p->look->sun_azimuth);
    snprintf(name, sizeof name, "GRANULE/%s/MTD_TL.xml", p->granule);
    return put_text(folder, name, &b, err);
}

enum cao_status world_metadata_write(const struct world_product *p, const char *folder,
                                     struct cao_error *err)
{
    struct cao_buf b = { 0 };
    const char *level = p->look->l1c ? "1C" : "2A";
    char name[64];
    cao_buf_add(&b,
                "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n"
                "<n1:Level-%s_User_Product "
                "xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-%s.xsd\">\n",
                level, level);
    product_info(p, &b);
    granule_list(p, &b);
    characteristics(p, &b);
    cao_buf_add(&b,
                "  <n1:Quality_Indicators_Info>\n    "
                "<Cloud_Coverage_Assessment>%.6f</Cloud_Coverage_Assessment>\n"
                "  </n1:Quality_Indicators_Info>\n</n1:Level-%s_User_Product>\n",
                cloud_share(p), level);
    snprintf(name, sizeof name, "MTD_MSIL%s.xml", level);
    enum cao_status st = put_text(folder, name, &b, err);
    if (!st)
        st = tile_metadata(p, folder, err);
    if (!st) {
        cao_buf_add(&b,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xfdu:XFDU "
                    "xmlns:xfdu=\"urn:ccsds:schema:xfdu:1\" "
                    "version=\"esa/safe/sentinel/1.1/sentinel-2/msi/archive_l%s_user_product\"/>\n",
                    level);
        st = put_text(folder, "manifest.safe", &b, err);
    }
    return st;
}

static void name_product(struct world_product *p)
{
    const struct world_look *l = p->look;
    char sensed[32], made[32];
    const char *level = l->l1c ? "L1C" : "L2A";
    compact_time(l->sensing, sensed);
    compact_time(l->generated, made);
    snprintf(p->name, sizeof p->name, "S2%c_MSI%s_%s_N%.2s%.2s_R047_T" WORLD_TILE "_%s",
             l->platform, level, sensed, p->options->baseline, p->options->baseline + 3, made);
    snprintf(p->granule, sizeof p->granule, "%s_T" WORLD_TILE "_A%06d_%s", level, l->orbit, sensed);
}

enum cao_status world_product_write(const struct world_options *o, const struct world_look *look,
                                    const struct world_state *fine,
                                    const struct world_state *coarse, struct cao_error *err)
{
    struct world_product p = { .options = o, .look = look };
    char folder[CAO_PATH_MAX], granule[CAO_PATH_MAX];
    size_t n = fine->size * fine->size, n_coarse = coarse->size * coarse->size;
    uint16_t *dn = calloc(n, sizeof *dn);
    if (!dn)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    name_product(&p);
    snprintf(folder, sizeof folder, "%s/imagery/%s.SAFE", o->dir, p.name);
    snprintf(granule, sizeof granule, "%s/GRANULE/%s", folder, p.granule);
    enum cao_status st = cao_make_dirs(granule, err);
    for (size_t i = 0; !st && !look->l1c && i < WORLD_N_BANDS; i++) {
        const struct world_state *s = world_bands[i].step == 1 ? fine : coarse;
        world_render_band(o, look, s, i, dn);
        st = put_image(&p, folder, world_bands[i].name, WORLD_PIXEL * world_bands[i].step, dn,
                       (int)s->size, err);
    }
    if (!st) {
        world_render_classes(coarse, dn);
        for (size_t i = 0; i < n_coarse; i++)
            p.classes[dn[i]]++;
        st = look->l1c ? CAO_OK : put_image(&p, folder, "SCL", 20, dn, (int)coarse->size, err);
    }
    if (!st)
        st = world_metadata_write(&p, folder, err);
    free(dn);
    return st;
}
