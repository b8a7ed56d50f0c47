/* SPDX-License-Identifier: MIT
 * Products that were spoilt, one thing at a time: each ends in a refusal that names the file and the cause,
 * by the scan or, of what only pixels show, by the reader; the sound product beside it is used. Nothing that
 * a file says is followed into the network. */
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/support.h"

#include "caochu/catalog.h"
#include "caochu/declared.h"
#include "caochu/file.h"
#include "caochu/reader.h"
#include "caochu/text.h"

static const char *build(void)
{
    const char *b = getenv("CAO_BUILD");
    return b ? b : "build/release";
}

/* --- an address of this machine at which nobody may knock --- */

static int door, door_number;

static void open_door(void)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_true(door >= 0);
    assert_int_equal(bind(door, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(door, 8), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&a, &n), 0);
    door_number = ntohs(a.sin_port);
}

static void nobody_knocked(const char *after)
{
    int who = accept(door, NULL, NULL);
    if (who >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK))
        fail_msg("%s: the network was asked", after);
}

/* --- what became of a folder --- */

struct verdict {
    struct cao_buf refused; /* "PATH: REASON" lines of scan and reader */
    size_t n_used;          /* scenes whose layers all could be read */
};

static enum cao_status read_all(const struct cao_scene *s, struct cao_error *err)
{
    enum { SIDE = 8 };
    const struct cao_layer *l = NULL;
    float v[SIDE * SIDE];
    uint16_t qa[SIDE * SIDE];
    const struct cao_window w = { 0, 0, SIDE, SIDE };
    struct cao_grid g;
    struct cao_reader *r = NULL;
    for (int b = 0; !l && b < CAO_N_BANDS; b++)
        l = s->band[b].path ? &s->band[b] : NULL;
    assert_non_null(l);
    const double *t = l->geotransform;
    enum cao_status st =
        cao_grid_init(&g, s->crs, t[0] + 2 * t[1], t[3] + 2 * t[5], t[1], SIDE, SIDE, 256, err);
    if (st)
        return st;
    st = cao_reader_open(s, &g, &r, err);
    for (size_t q = 0; !st && q < CAO_MOST_QA; q++)
        if (s->qa[q].layer.path)
            st = cao_reader_qa(r, q, &w, qa, err);
    for (int b = 0; !st && b < CAO_N_BANDS; b++)
        if (s->band[b].path)
            st = cao_reader_band(r, (enum cao_band)b, &w, v, err);
    cao_reader_close(r);
    cao_grid_release(&g);
    return st;
}

static struct verdict judge(const char *dir, const struct cao_declared *declared)
{
    struct cao_catalog c = { 0 };
    struct cao_findings f = { 0 };
    struct cao_error err = { 0 };
    struct verdict v = { { 0 }, 0 };
    struct cao_scan how = { .declared = declared, .n_declared = declared ? 1 : 0 };
    assert_ok(cao_catalog_scan_with(&how, &dir, 1, &c, &f, NULL, &err));
    for (size_t i = 0; i < c.n_refused; i++)
        cao_buf_add(&v.refused, "%s: %s\n", c.refused[i].path, c.refused[i].reason);
    for (size_t i = 0; i < f.n; i++) /* optional layers are notes */
        cao_buf_add(&v.refused, "%s: %s\n", f.items[i].file, f.items[i].text);
    for (size_t i = 0; i < c.n; i++) {
        struct cao_error why = { 0 };
        if (read_all(&c.scenes[i], &why))
            cao_buf_add(&v.refused, "%s\n", why.text);
        else
            v.n_used++;
        assert_null(strchr(why.text, '\n'));
    }
    cao_buf_add(&v.refused, "%s", "");
    cao_catalog_release(&c);
    cao_findings_release(&f);
    return v;
}

/* One line holds both. */
static bool says(const char *lines, const char *file, const char *cause)
{
    for (const char *at = lines, *end; *at; at = *end ? end + 1 : end) {
        end = strchr(at, '\n');
        end = end ? end : at + strlen(at);
        char line[4096];
        snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
        if (strstr(line, file) && strstr(line, cause))
            return true;
    }
    return false;
}

/* What is done to the product in the folder, and what must be said. */
struct spoil {
    const char *script; /* of the shell, in the folder */
    const char *file, *cause;
    size_t n_used; /* of the two products there */
};

/* Words that scripts use; $DOOR is the address. */
static const char tools[] =
    "vrt() { printf '<VRTDataset rasterXSize=\"48\" rasterYSize=\"48\"><VRTRasterBand "
    "dataType=\"UInt16\" band=\"1\"><SimpleSource><SourceFilename>%s</SourceFilename>"
    "<SourceBand>1</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>' \"$2\" > \"$1\"; }; "
    "wms() { printf '<GDAL_WMS><Service name=\"TMS\"><ServerUrl>%s/${z}/${x}/${y}.png"
    "</ServerUrl></Service></GDAL_WMS>' \"$DOOR\" > \"$1\"; }; "
    "hdf5() { printf '\\211HDF\\r\\n\\032\\n' > \"$1\"; head -c 4000 /dev/zero >> \"$1\"; }; "
    "netcdf() { printf 'CDF\\001' > \"$1\"; head -c 4000 /dev/zero >> \"$1\"; }; "
    "page() { printf '<!DOCTYPE html>\\n<html><body>log in</body></html>' > \"$1\"; }; ";

static void try_all(const char *name, const char *sound, const struct spoil *spoils, size_t n,
                    const struct cao_declared *declared)
{
    char *kept = test_folder(name), other[64];
    snprintf(other, sizeof other, "%s spoilt", name);
    char here[CAO_PATH_MAX];
    assert_non_null(realpath(build(), here));
    test_shell("cd '%s' && BUILD='%s' && %s", kept, here, sound);
    struct verdict v = judge(kept, declared);
    if (v.n_used != 2)
        fail_msg("the sound products are not used: %s", v.refused.text);
    cao_buf_release(&v.refused);
    for (size_t i = 0; i < n; i++) {
        char *dir = test_folder(other);
        test_shell("cp -r '%s/.' '%s/' && cd '%s' && DOOR=http://127.0.0.1:%d && %s %s", kept, dir,
                   dir, door_number, tools, spoils[i].script);
        v = judge(dir, declared);
        bool said = !spoils[i].file[0] || says(v.refused.text, spoils[i].file, spoils[i].cause);
        if (!said || v.n_used != spoils[i].n_used)
            fail_msg("%s: %s\n%zu used, '%s ... %s' is not said but:\n%s", name, spoils[i].script,
                     v.n_used, spoils[i].file, spoils[i].cause, v.refused.text);
        nobody_knocked(spoils[i].script);
        cao_buf_release(&v.refused);
        free(dir);
    }
    free(kept);
}
#define TRY(name, sound, spoils, declared)                                                         \
    try_all(name, sound, spoils, sizeof(spoils) / sizeof(spoils)[0], declared)

/* --- Sentinel-2 --- */

static const char safe[] =
    "\"$BUILD/make-world\" w --size 96 --pastures 16 --dates 2 >/dev/null && mv w/imagery/*.SAFE . "
    "&& rm -r w && mv $(ls -d *.SAFE | head -1) bad.SAFE";
#define S2(band) "f=$(find bad.SAFE -name '*_" band "_*m.jp2' | head -1); "
#define JP2      "gdal_translate -q -of JP2OpenJPEG -co QUALITY=100 -co REVERSIBLE=YES "

static const struct spoil safe_spoils[] = {
    { S2("B04") "vrt $f /vsicurl/$DOOR/x.tif", "_B04_10m.jp2", "it is a VRT", 1 },
    { S2("B04") "wms $f", "_B04_10m.jp2", "address of a web service", 1 },
    { S2("B04") "echo /vsicurl/$DOOR/x.tif > $f", "_B04_10m.jp2", "text of an address", 1 },
    { S2("B04") "echo s3://bucket/x.tif > $f", "_B04_10m.jp2", "text of an address", 1 },
    { S2("SCL") "vrt $f $DOOR/x.tif", "_SCL_20m.jp2", "it is a VRT", 1 },
    { S2("B04") "hdf5 $f", "_B04_10m.jp2", "HDF5", 1 },
    { S2("B04") "netcdf $f", "_B04_10m.jp2", "netCDF", 1 },
    { S2("B04") "page $f", "_B04_10m.jp2", "web page", 1 },
    { S2("B04") "head -c 30000 /dev/zero > $f", "_B04_10m.jp2", "zeros", 1 },
    { S2("B04") ": > $f", "_B04_10m.jp2", "empty", 1 },
    { S2("SCL") ": > $f", "_SCL_20m.jp2", "empty", 1 },
    { S2("B04") "rm $f", "_B04_10m.jp2", "missing", 1 },
    { S2("B04") "rm $f && ln -s $(basename $f) $f", "_B04_10m.jp2", "missing", 1 },
    { S2("B04") "rm $f && mkdir $f", "_B04_10m.jp2", "missing", 1 },
    { S2("B04") "truncate -s 3000 $f", "_B04_10m.jp2", "incomplete", 1 },
    { S2("SCL") JP2 "-outsize 50% 50% $f t.jp2 && mv t.jp2 $f", "_SCL_20m.jp2",
      "but the scene's metadata say 48 x 48", 1 },
    { S2("B04") JP2 "-srcwin 0 0 90 96 $f t.jp2 && mv t.jp2 $f", "_B04_10m.jp2",
      "90 x 96 pixels, but the scene's metadata say 96 x 96", 1 },
    { S2("B04") JP2 "-a_ullr 499980 3900000 500940 3899040 $f t.jp2 && mv t.jp2 $f", "_B04_10m.jp2",
      "belongs to another product", 1 },
    { S2("B04") "mv $f $(echo $f | sed 's/\\(.*\\)47SMU/\\147SNU/')", "T47SNU",
      "of another tile or time", 1 },
    { S2("B04") "mv $f $(echo $f | sed 's/_2024[0-9]*T\\([0-9]*_B04\\)/_20240102T\\1/')",
      "_20240102T", "of another tile or time", 1 },
    { S2("B04") JP2 "-a_srs EPSG:32648 $f t.jp2 && mv t.jp2 $f", "_B04_10m.jp2",
      "its coordinate system is", 1 },
    { "sed -i '1a <!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b "
      "\"&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
      "\"&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>' bad.SAFE/MTD_MSIL2A.xml",
      "MTD_MSIL2A.xml", "unexpected declarations", 1 },
    { "sed -i '1a <!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>' "
      "bad.SAFE/GRANULE/*/MTD_TL.xml",
      "MTD_TL.xml", "unexpected declarations", 1 },
    { "sed -i \"1a <!DOCTYPE x SYSTEM '$DOOR/x.dtd'>\" bad.SAFE/MTD_MSIL2A.xml", "MTD_MSIL2A.xml",
      "unexpected declarations", 1 },
    { "yes '<a>' | head -200000 > bad.SAFE/MTD_MSIL2A.xml", "MTD_MSIL2A.xml", "depth", 1 },
    { "head -c 17000000 /dev/zero | tr '\\0' x > bad.SAFE/MTD_MSIL2A.xml", "MTD_MSIL2A.xml",
      "longer than", 1 },
    { "printf '\\376\\377\\0<\\0a' > bad.SAFE/MTD_MSIL2A.xml", "MTD_MSIL2A.xml", "not readable XML",
      1 },
    { "rm bad.SAFE/MTD_MSIL2A.xml && ln -s MTD_MSIL2A.xml bad.SAFE/MTD_MSIL2A.xml", "bad.SAFE",
      "MTD_MSIL2A.xml", 1 },
    { "rm -r bad.SAFE/GRANULE && ln -s .. bad.SAFE/GRANULE", "bad.SAFE", "granules", 1 },
    { "python3 -m zipfile -c S2A_MSIL2A_half.zip bad.SAFE && rm -r bad.SAFE && truncate -s 9000 "
      "S2A_MSIL2A_half.zip",
      "S2A_MSIL2A_half.zip", "incomplete", 1 },
    { S2("B04") "vrt $f /vsicurl/$DOOR/x.tif && python3 -m zipfile -c S2A_MSIL2A_bad.zip bad.SAFE "
                "&& rm -r "
                "bad.SAFE",
      "S2A_MSIL2A_bad.zip", "it is a VRT", 1 },
    { "python3 -c \"import zipfile; z = zipfile.ZipFile('S2A_MSIL2A_up.zip', 'w'); "
      "z.writestr('../../../../../../etc/S2A_MSIL2A_x.SAFE/MTD_MSIL2A.xml', '<a/>'); "
      "z.writestr('S2A_MSIL2A_y.SAFE/MTD_MSIL2A.xml', '<a/>'); z.close()\" && rm -r bad.SAFE",
      "S2A_MSIL2A_up.zip", "MTD_MSIL2A.xml", 1 },
};

static void a_spoilt_safe_product_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    TRY("hostile safe", safe, safe_spoils, NULL);
}

/* A mirror's folders; the second is the product that is spoilt. */
static const char mirror[] =
    "for d in good bad; do mkdir $d; gdal_create -q -ot UInt16 -outsize 48 48 -burn 1000 -a_srs "
    "EPSG:32647 -a_ullr 399960 3900000 400920 3899040 $d/B04.tif; cp $d/B04.tif $d/B08.tif; "
    "gdal_create -q -ot Byte -outsize 24 24 -burn 4 -a_srs EPSG:32647 -a_ullr 399960 3900000 "
    "400920 "
    "3899040 $d/SCL.tif; printf '{\"type\":\"Feature\",\"id\":\"S2A_%s\",\"properties\":"
    "{\"datetime\":\"2024-07-%sT04:05:49Z\",\"platform\":\"sentinel-2a\",\"s2:processing_"
    "baseline\":"
    "\"02.14\",\"grid:code\":\"MGRS-47SMU\",\"s2:product_type\":\"S2MSI2A\"}}' $d "
    "$([ $d = good ] && echo 18 || echo 19) > $d/S2A_item.json; done";
#define ULLR "-a_ullr 399960 3900000 400920 3899040 "
static const struct spoil mirror_spoils[] = {
    { "vrt bad/B04.tif /vsicurl/$DOOR/x.tif", "bad/B04.tif", "it is a VRT", 1 },
    { "wms bad/SCL.tif", "bad/SCL.tif", "address of a web service", 1 },
    { "echo $DOOR/x.tif > bad/B08.tif", "bad/B08.tif", "text of an address", 1 },
    { ": > bad/B04.tif", "bad/B04.tif", "empty", 1 },
    { "truncate -s 300 bad/B04.tif", "bad/B04.tif", "", 1 },
    { "gdal_create -q -ot Byte -outsize 24 24 -a_srs EPSG:32647 -a_ullr 399960 3900000 400440 "
      "3899520 "
      "bad/SCL.tif",
      "bad/SCL.tif", "covers other ground", 1 },
    { "gdal_create -q -ot UInt16 -outsize 48 48 -a_srs EPSG:32648 " ULLR "bad/B04.tif",
      "bad/B04.tif", "covers other ground", 1 },
    { "gdal_create -q -ot Byte -outsize 24 24 -a_srs EPSG:32648 " ULLR "bad/SCL.tif", "bad/SCL.tif",
      "covers other ground", 1 },
    { "python3 -c 'print(\"[\" * 200000)' > bad/S2A_item.json", "S2A_item.json",
      "is not a STAC item", 1 },
    { "printf '{\"properties\": 7}' > bad/S2A_item.json", "bad", "STAC item", 1 },
    { "page bad/S2A_item.json", "S2A_item.json", "is not a STAC item", 1 },
};

static void a_spoilt_folder_of_a_mirror_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    TRY("hostile mirror", mirror, mirror_spoils, NULL);
}

/* --- Landsat --- */

static const char landsat[] =
    "gdal_create -q -ot UInt16 -outsize 48 48 -burn 9455 -a_srs EPSG:32647 -a_ullr 400000 3900000 "
    "401440 3898560 a.tif && gdal_create -q -ot UInt16 -outsize 48 48 -burn 21824 -a_srs "
    "EPSG:32647 "
    "-a_ullr 400000 3900000 401440 3898560 q.tif && gdal_create -q -ot UInt16 -outsize 48 48 "
    "-a_srs "
    "EPSG:32647 -a_ullr 400000 3900000 401440 3898560 z.tif && for d in 18 19; do "
    "p=LC09_L2SP_135036_202407${d}_20240721_02_T1; mkdir $d; for b in 2 3 4 5 6 7; do cp a.tif "
    "$d/${p}_SR_B$b.TIF; done; cp q.tif $d/${p}_QA_PIXEL.TIF; cp z.tif $d/${p}_QA_RADSAT.TIF; { "
    "echo "
    "'GROUP = LANDSAT_METADATA_FILE\n  GROUP = PRODUCT_CONTENTS\n    LANDSAT_PRODUCT_ID = "
    "\"'$p'\"\n    PROCESSING_LEVEL = \"L2SP\"\n    COLLECTION_NUMBER = 02\n  END_GROUP = "
    "PRODUCT_CONTENTS\n  GROUP = IMAGE_ATTRIBUTES\n    SPACECRAFT_ID = \"LANDSAT_9\"\n    WRS_PATH "
    "= "
    "135\n    WRS_ROW = 36\n    DATE_ACQUIRED = 2024-07-'$d'\n    SCENE_CENTER_TIME = "
    "\"04:10:00.0000000Z\"\n  END_GROUP = IMAGE_ATTRIBUTES\n  GROUP = LEVEL2_PROCESSING_RECORD\n   "
    " "
    "DATE_PRODUCT_GENERATED = 2024-07-21T10:00:00Z\n  END_GROUP = LEVEL2_PROCESSING_RECORD\n  "
    "GROUP = "
    "LEVEL2_SURFACE_REFLECTANCE_PARAMETERS'; for b in 1 2 3 4 5 6 7; do echo \"    "
    "REFLECTANCE_MULT_BAND_$b = 2.75e-05\n    REFLECTANCE_ADD_BAND_$b = -0.2\"; done; echo '  "
    "END_GROUP "
    "= LEVEL2_SURFACE_REFLECTANCE_PARAMETERS\nEND_GROUP = LANDSAT_METADATA_FILE\nEND'; } > "
    "$d/${p}_MTL.txt; done; rm a.tif q.tif z.tif; mv 19 bad";
#define LS(what) "f=$(ls bad/*_" what "); "
#define SMALL    "gdal_translate -q -srcwin 0 0 40 48 $f t.tif && mv t.tif $f"
#define ZONE     "gdal_translate -q -a_srs EPSG:32648 $f t.tif && mv t.tif $f"
#define MOVED    "gdal_translate -q -a_ullr 500000 3900000 501440 3898560 $f t.tif && mv t.tif $f"
static const struct spoil landsat_spoils[] = {
    { LS("SR_B4.TIF") "vrt $f /vsicurl/$DOOR/x.tif", "SR_B4.TIF", "it is a VRT", 1 },
    { LS("SR_B2.TIF") "vrt $f /vsicurl/$DOOR/x.tif", "SR_B2.TIF", "it is a VRT", 1 },
    { LS("QA_PIXEL.TIF") "vrt $f $DOOR/x.tif", "QA_PIXEL.TIF", "it is a VRT", 1 },
    { LS("QA_RADSAT.TIF") "wms $f", "QA_RADSAT.TIF", "address of a web service", 1 },
    { LS("QA_PIXEL.TIF") SMALL, "QA_PIXEL.TIF: covers other ground (40 x 48", "", 1 },
    { LS("SR_B4.TIF") SMALL, "SR_B4.TIF: covers other ground (40 x 48", "", 1 },
    { LS("SR_B5.TIF") SMALL, "SR_B5.TIF: covers other ground (40 x 48", "", 1 },
    { LS("SR_B2.TIF") SMALL, "SR_B2.TIF: 40 x 48 pixels", "48 x 48", 1 },
    { LS("QA_RADSAT.TIF") SMALL, "QA_RADSAT.TIF: 40 x 48 pixels", "48 x 48", 1 },
    { LS("QA_PIXEL.TIF") ZONE, "QA_PIXEL.TIF: covers other ground", "EPSG:32648", 1 },
    { LS("SR_B4.TIF") ZONE, "SR_B4.TIF: covers other ground", "EPSG:32648", 1 },
    { LS("SR_B3.TIF") ZONE, "SR_B3.TIF", "its coordinate system is", 1 },
    { LS("QA_PIXEL.TIF") MOVED, "QA_PIXEL.TIF: covers other ground", "500000", 1 },
    { LS("QA_RADSAT.TIF") MOVED, "QA_RADSAT.TIF", "belongs to another product", 1 },
    { LS("SR_B4.TIF") ": > $f", "SR_B4.TIF", "is empty", 1 },
    { LS("SR_B4.TIF") "printf x > $f", "SR_B4.TIF", "it is text", 1 },
    { LS("QA_PIXEL.TIF") ": > $f", "QA_PIXEL.TIF", "is empty", 1 },
    { LS("SR_B2.TIF") ": > $f", "SR_B2.TIF", "empty", 2 }, /* blue is not needed by all */
    { LS("SR_B4.TIF") "truncate -s 2000 $f", "SR_B4.TIF", "", 1 },
    { LS("SR_B4.TIF") "rm $f && ln -s $(basename $f) $f", "SR_B4.TIF", "is missing", 1 },
    { LS("MTL.txt") "rm $f", "bad", "MTL.txt is missing", 1 },
    { LS("MTL.txt") "truncate -s 400 $f", "bad", "MTL", 1 },
    { LS("MTL.txt") "sed -i 's#PROCESSING_LEVEL#FILE_NAME_BAND_4 = \"../../../etc/passwd\"\\n    "
                    "&#' $f",
      "bad", "../../../etc/passwd", 1 },
    { LS("MTL.txt") "sed -i \"s#PROCESSING_LEVEL#FILE_NAME_BAND_4 = "
                    "\\\"/vsicurl/$DOOR/x.tif\\\"\\n &#\" $f",
      "bad", "/vsicurl/", 1 },
    { LS("SR_B4.TIF") "vrt $f /vsicurl/$DOOR/x.tif && tar cf LC09_bad.tar -C bad . && rm -r bad",
      "LC09_bad.tar", "it is a VRT", 1 },
    { "tar cf t.tar -C bad . && head -c 20000 t.tar > LC09_half.tar && rm -r t.tar bad",
      "LC09_half.tar", "incomplete", 1 },
    { "head -c 20000 /dev/urandom > LC09_noise.tar && rm -r bad", "LC09_noise.tar", "tar archive",
      1 },
    { "tar czf LC09_packed.tar.gz -C bad . && rm -r bad", "LC09_packed.tar.gz", "unpack it", 1 },
    { "ln -s LC09_loop.tar LC09_loop.tar; rm -r bad; "
      "mkdir bad; ln -s ../bad bad/a; ln -s .. bad/b; : > bad/LC09_x.tar",
      "LC09_x.tar", "tar archive", 1 },
};

static void a_spoilt_landsat_product_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    TRY("hostile landsat", landsat, landsat_spoils, NULL);
}

/* --- THEIA --- */

static const char maja[] =
    "for d in 18 19; do n=SENTINEL2B_202407$d-040549-024_L2A_T47SMU_C_V3-1; mkdir -p $d/MASKS; for "
    "b in B2 B3 "
    "B4 B8; do gdal_create -q -ot Int16 -outsize 48 48 -burn 1000 -a_srs EPSG:32647 " ULLR
    "$d/${n}_FRE_$b.tif; "
    "done; for m in EDG CLM MG2 SAT; do gdal_create -q -ot Byte -outsize 48 48 -a_srs "
    "EPSG:32647 " ULLR "$d/MASKS/${n}_${m}_R1.tif; done; printf "
    "'<Muscate_Metadata_Document><D><IDENTIFIER>%s</IDENTIFIER></D><G><GEOGRAPHICAL_ZONE>T47SMU"
    "</GEOGRAPHICAL_ZONE></G><P><ACQUISITION_DATE>2024-07-%sT04:05:49.024Z</ACQUISITION_DATE></P>"
    "</Muscate_Metadata_Document>' $n $d > $d/${n}_MTD_ALL.xml; done; mv 19 bad";
#define MAJA(what) "f=$(find bad -name '*_" what "'); "
static const struct spoil maja_spoils[] = {
    { MAJA("FRE_B4.tif") "vrt $f /vsicurl/$DOOR/x.tif", "FRE_B4.tif", "it is a VRT", 1 },
    { MAJA("CLM_R1.tif") "wms $f", "CLM_R1.tif", "address of a web service", 1 },
    { MAJA("SAT_R1.tif") "vrt $f $DOOR/x.tif", "SAT_R1.tif", "it is a VRT", 1 },
    { MAJA("FRE_B8.tif") ": > $f", "FRE_B8", "missing or empty", 1 },
    { MAJA("CLM_R1.tif") SMALL, "CLM_R1.tif: covers other ground (40 x 48", "", 1 },
    { MAJA("EDG_R1.tif") ZONE, "EDG_R1.tif: covers other ground", "EPSG:32648", 1 },
    { MAJA("FRE_B3.tif") MOVED, "FRE_B3.tif: covers other ground", "500000", 1 },
    { MAJA("MTD_ALL.xml") "sed -i '1i <!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>' $f",
      "MTD_ALL.xml", "unexpected declarations", 1 },
    { MAJA("FRE_B4.tif") "vrt $f $DOOR/x.tif && python3 -m zipfile -c SENTINEL2B_bad.zip bad && rm "
                         "-r bad",
      "SENTINEL2B_bad.zip", "it is a VRT", 1 },
};

static void a_spoilt_maja_product_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    TRY("hostile maja", maja, maja_spoils, NULL);
}

/* --- HLS and MODIS --- */

static const char hls[] =
    "for d in 200 201; do p=HLS.S30.T47SMU.2024${d}T040549.v2.0; for b in B02 B03 B04 B08 B8A; do "
    "gdal_create -q -ot Int16 -outsize 48 48 -burn 1000 -a_srs EPSG:32647 -a_nodata -9999 -a_ullr "
    "399960 3900000 401400 3898560 $p.$b.tif; done; gdal_create -q -ot Byte -outsize 48 48 -a_srs "
    "EPSG:32647 -a_ullr 399960 3900000 401400 3898560 $p.Fmask.tif; done; mkdir bad; mv *2024201T* "
    "bad/";
#define HLS_(what) "f=$(ls bad/*." what ".tif); "
static const struct spoil hls_spoils[] = {
    { HLS_("B04") "vrt $f /vsicurl/$DOOR/x.tif", "B04.tif", "it is a VRT", 1 },
    { HLS_("B02") "vrt $f /vsicurl/$DOOR/x.tif", "B02.tif", "it is a VRT", 1 },
    { HLS_("Fmask") "wms $f", "Fmask.tif", "address of a web service", 1 },
    { HLS_("Fmask") SMALL, "Fmask.tif: covers other ground (40 x 48", "", 1 },
    { HLS_("B04") SMALL, "B04.tif: covers other ground (40 x 48", "", 1 },
    { HLS_("B03") SMALL, "B03.tif: 40 x 48 pixels", "48 x 48", 1 },
    { HLS_("Fmask") ZONE, "Fmask.tif: covers other ground", "EPSG:32648", 1 },
    { HLS_("B04") ": > $f", "B04", "empty", 1 },
    { HLS_("Fmask") "rm $f; ln -s $(basename $f) $f", "Fmask.tif", "missing", 1 },
    { HLS_("B04") "hdf5 $f", "B04.tif", "HDF5", 1 },
    { "rm bad/*; hdf5 bad/HLS.S30.T47SMU.2024201T040549.v1.5.hdf", "v1.5", "HDF5", 1 },
    { "rm bad/*; netcdf bad/HLS.S30.T47SMU.2024201T040549.v1.5.hdf", "v1.5", "netCDF", 1 },
    { "rm bad/*; vrt bad/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf $DOOR/x", "MOD13Q1",
      "it is a VRT", 1 },
    { "rm bad/*; hdf5 bad/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf", "MOD13Q1", "HDF5", 1 },
    { "rm bad/*; : > bad/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf", "MOD13Q1", "empty", 1 },
    { "rm bad/*; printf '\\016\\003\\023\\001' > bad/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf",
      "MOD13Q1", "incomplete", 1 },
    { "rm bad/*; ln -s MOD13Q1.A2024193.h25v05.061.2024210012345.hdf "
      "bad/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf",
      "MOD13Q1", "cannot be opened", 1 },
};

static void a_spoilt_hls_or_modis_product_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    TRY("hostile hls", hls, hls_spoils, NULL);
}

/* The samples that crash GDAL's HDF-EOS driver, and torn ones, each as the products that would have it opened. */
static void files_that_crash_the_hdf_driver_are_refused_by_name(void **state)
{
    (void)state;
    NEED_DATA("bad_inputs");
    static const char *const names[] = { "MOD13Q1.A2024193.h25v05.061.2024210012345.hdf",
                                         "MYD09GA.A2024193.h25v05.061.2024210012345.hdf",
                                         "HLS.S30.T47SMU.2024201T040549.v1.5.hdf",
                                         "HLS.L30.T47SMU.2024201T040549.v1.5.hdf" };
    char data[CAO_PATH_MAX], *dir = test_folder("hostile crash");
    snprintf(data, sizeof data, "%s", test_data("bad_inputs"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        test_shell("cp --no-preserve=mode '%s/issue_14356.he4' '%s/%s'", data, dir, names[i]);
        struct verdict v = judge(dir, NULL);
        assert_int_equal(v.n_used, 0);
        char name[64];
        snprintf(name, sizeof name, "%.20s", names[i]);
        if (!says(v.refused.text, name, "crashes") && !says(v.refused.text, name, "not a readable"))
            fail_msg("%s", v.refused.text);
        cao_buf_release(&v.refused);
    }
    free(dir);
    if (!test_data("modis_hdf4"))
        return;
    dir = test_folder("hostile torn"); /* every real product torn at eight places */
    test_shell("for f in $(find '%s' -name 'MOD*.hdf'); do for k in 1 2 3 4 5 6 7 8; do head -c "
               "$(( $(stat "
               "-c %%s \"$f\") * k / 9 )) \"$f\" > '%s'/$(basename \"$f\" | sed "
               "\"s/\\.[0-9]*\\.hdf$/.20240101234$k$k.hdf/\"); done; done",
               test_data("modis_hdf4"), dir);
    struct verdict v = judge(dir, NULL);
    assert_int_equal(v.n_used, 0);
    assert_true(v.refused.n > 0);
    cao_buf_release(&v.refused);
    free(dir);
}

/* --- declared by the project --- */

static const char station[] = "for d in 18 19; do gdal_create -q -ot UInt16 -bands 2 -outsize 48 "
                              "48 -burn 1000 -burn 3000 -a_srs "
                              "EPSG:32647 -a_ullr 399960 3900000 401400 3898560 own_202407$d.tif; "
                              "done; mkdir bad; mv *19.tif bad";
static const struct spoil station_spoils[] = {
    { "vrt bad/own_20240719.tif /vsicurl/$DOOR/x.tif", "own_20240719.tif", "it is a VRT", 1 },
    { "wms bad/own_20240719.tif", "own_20240719.tif", "address of a web service", 1 },
    { "echo /vsis3/bucket/x.tif > bad/own_20240719.tif", "own_20240719.tif", "text of an address",
      1 },
    { "printf '\\377\\330\\377\\340' > bad/own_20240719.tif", "own_20240719.tif", "JPEG picture",
      1 },
    { "hdf5 bad/own_20240719.tif", "own_20240719.tif", "HDF5", 1 },
    { ": > bad/own_20240719.tif", "own_20240719.tif", "empty", 1 },
    { "truncate -s 3000 bad/own_20240719.tif", "own_20240719.tif", "", 1 },
    { "vrt bad/own_20240719.tif /vsicurl/$DOOR/x.tif; python3 -m zipfile -c own.zip "
      "bad/own_20240719.tif; rm -r bad",
      "own.zip", "it is a VRT", 1 },
    /* a side-car or an outer overview that points away is not looked at */
    { "mv bad/own_20240719.tif .; printf '<PAMDataset><Metadata domain=\"OVERVIEWS\"><MDI "
      "key=\"OVERVIEW_FILE\">/vsicurl/%s/x.ovr</MDI></Metadata></PAMDataset>' $DOOR > "
      "own_20240719.tif.aux.xml; wms own_20240719.tif.ovr; wms own_20240719.tif.msk",
      "", "", 2 },
};

static void a_spoilt_declared_product_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    struct cao_declared d = { .name = (char[]){ "own" },
                              .files = (char[]){ "own_{date}.tif" },
                              .date = (char[]){ "YYYYMMDD" },
                              .scale = 1e-4,
                              .nodata = 0,
                              .saturated = (double)NAN,
                              .bright_band = CAO_BAND_R,
                              .bright_above = 0.5 };
    struct cao_error err = { 0 };
    strcpy(d.band[CAO_BAND_R].word, "1");
    d.band[CAO_BAND_R].number = 1;
    strcpy(d.band[CAO_BAND_N].word, "2");
    d.band[CAO_BAND_N].number = 2;
    assert_ok(cao_declared_check(&d, &err));
    TRY("hostile declared", station, station_spoils, &d);
}

/* A file per band, with a quality layer of its own. */
static const char series[] =
    "for d in 18 19; do for b in red nir; do gdal_create -q -ot UInt16 -outsize 48 48 -burn 1000 "
    "-a_srs EPSG:32647 " ULLR
    "own_202407${d}_$b.tif; done; gdal_create -q -ot Byte -outsize 48 48 -a_srs EPSG:32647 " ULLR
    "own_202407${d}_qa.tif; done; mkdir bad; mv *19_* bad";
static const struct spoil series_spoils[] = {
    { "f=bad/own_20240719_qa.tif; " MOVED, "qa.tif: lies elsewhere", "500000", 1 },
    { "f=bad/own_20240719_qa.tif; " ZONE, "qa.tif: lies elsewhere", "EPSG:32648", 1 },
    { "f=bad/own_20240719_nir.tif; " ZONE, "nir.tif: lies elsewhere", "EPSG:32648", 1 },
    { "f=bad/own_20240719_qa.tif; " SMALL, "", "", 2 }, /* beyond it nothing is clear */
    { "vrt bad/own_20240719_qa.tif $DOOR/x.tif", "qa.tif", "it is a VRT", 1 },
    { ": > bad/own_20240719_nir.tif", "nir.tif", "empty", 1 },
};

static void a_spoilt_declared_series_is_refused_by_file_and_cause(void **state)
{
    (void)state;
    struct cao_declared d = { .name = (char[]){ "own" },
                              .files = (char[]){ "own_{date}_{band}.tif" },
                              .date = (char[]){ "YYYYMMDD" },
                              .scale = 1e-4,
                              .nodata = 0,
                              .saturated = (double)NAN,
                              .n_rules = 1,
                              .rules = { { 0xFFFF, 9, CAO_CLOUD } } };
    struct cao_error err = { 0 };
    strcpy(d.band[CAO_BAND_R].word, "red");
    strcpy(d.band[CAO_BAND_N].word, "nir");
    strcpy(d.qa.word, "qa");
    assert_ok(cao_declared_check(&d, &err));
    TRY("hostile series", series, series_spoils, &d);
}

static int set_up(void **state)
{
    open_door();
    return test_gdal_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spoilt_safe_product_is_refused_by_file_and_cause),
        cmocka_unit_test(a_spoilt_folder_of_a_mirror_is_refused_by_file_and_cause),
        cmocka_unit_test(a_spoilt_landsat_product_is_refused_by_file_and_cause),
        cmocka_unit_test(a_spoilt_maja_product_is_refused_by_file_and_cause),
        cmocka_unit_test(a_spoilt_hls_or_modis_product_is_refused_by_file_and_cause),
        cmocka_unit_test(files_that_crash_the_hdf_driver_are_refused_by_name),
        cmocka_unit_test(a_spoilt_declared_product_is_refused_by_file_and_cause),
        cmocka_unit_test(a_spoilt_declared_series_is_refused_by_file_and_cause),
    };
    return cmocka_run_group_tests_name("hostile", tests, set_up, test_gdal_tear_down) != 0;
}
