/* SPDX-License-Identifier: MIT
 * HDF4-EOS grids, looked at in a process of their own. */
#include <errno.h>
#include <signal.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_string.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include "caochu/format.h"
#include "sensor/hdf4_glance.h"
#include "sensor/header.h"
#include "sensor/sensor.h"
#include "sensor/touched.h"

enum { MOST_SECONDS = 60 };

static double said(double v, int is)
{
    return is ? v : (double)NAN;
}

/* One field, with a pixel of its middle decoded: damage shows here and not in the run. */
static bool look_at(const char *path, struct cao_hdf_field *f)
{
    static const char *const drivers[] = { "HDF4Image", NULL };
    GDALDatasetH d = GDALOpenEx(path, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!d)
        return false;
    GDALRasterBandH band = GDALGetRasterBand(d, 1);
    OGRSpatialReferenceH srs = GDALGetSpatialRef(d);
    char *wkt = NULL;
    double pixel;
    int is = 0;
    snprintf(f->path, sizeof f->path, "%s", path);
    f->width = GDALGetRasterXSize(d);
    f->height = GDALGetRasterYSize(d);
    bool ok = band && srs && GDALGetGeoTransform(d, f->geotransform) == CE_None &&
              OSRExportToWkt(srs, &wkt) == OGRERR_NONE && strlen(wkt) < sizeof f->crs &&
              GDALRasterIO(band, GF_Read, f->width / 2, f->height / 2, 1, 1, &pixel, 1, 1,
                           GDT_Float64, 0, 0) == CE_None;
    if (ok) {
        snprintf(f->crs, sizeof f->crs, "%s", wkt);
        double v = GDALGetRasterScale(band, &is);
        f->scale = said(v, is);
        v = GDALGetRasterOffset(band, &is);
        f->offset = said(v, is);
        v = GDALGetRasterNoDataValue(band, &is);
        f->nodata = said(v, is);
    }
    CPLFree(wkt);
    GDALClose(d);
    return ok;
}

/* HDF4_EOS:EOS_GRID:"FILE":GRID:FIELD, where a field with blanks stands in quotes. */
static bool field_name(const char *path, const char *file, char name[96])
{
    static const char start[] = "HDF4_EOS:EOS_GRID:\"";
    size_t n = strlen(file);
    if (strncmp(path, start, sizeof start - 1) != 0 ||
        strncmp(path + sizeof start - 1, file, n) != 0)
        return false;
    const char *colon = strrchr(path + sizeof start - 1 + n, ':');
    if (!colon)
        return false;
    snprintf(name, 96, "%s", colon[1] == '"' ? colon + 2 : colon + 1);
    size_t length = strlen(name);
    if (length && name[length - 1] == '"')
        name[length - 1] = '\0';
    return true;
}

static void send(int to, const void *bytes, size_t n)
{
    for (const char *at = bytes; n > 0;) {
        ssize_t put = write(to, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            _exit(1);
        at += put;
        n -= (size_t)put;
    }
}

/* The child: texts of the keys, then the fields one by one, then the end of the pipe. */
static _Noreturn void tell(int to, const char *file, bool (*wanted)(const char *field),
                           const char *const *keys)
{
    static const char *const drivers[] = { "HDF4", NULL };
    static struct cao_hdf_field f;
    char value[CAO_HDF_KEYS][96] = { { 0 } };
    static const int fatal[] = { SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGALRM };
    for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
        signal(fatal[i], SIG_DFL); /* whatever the parent does on them */
    alarm(MOST_SECONDS);
    GDALDatasetH d = GDALOpenEx(file, GDAL_OF_RASTER | GDAL_OF_READONLY, drivers, NULL, NULL);
    if (!d)
        _exit(1);
    for (int k = 0; k < CAO_HDF_KEYS && keys[k]; k++) {
        const char *v = GDALGetMetadataItem(d, keys[k], NULL);
        snprintf(value[k], sizeof value[k], "%s", v ? v : "");
    }
    send(to, value, sizeof value);
    char **list = GDALGetMetadata(d, "SUBDATASETS");
    for (char **item = list; item && *item; item++) {
        const char *equals = strchr(*item, '=');
        memset(&f, 0, sizeof f);
        if (!equals || !strstr(*item, "_NAME=") || !field_name(equals + 1, file, f.name) ||
            !wanted(f.name))
            continue;
        if (!look_at(equals + 1, &f))
            _exit(1);
        send(to, &f, sizeof f);
    }
    _exit(0); /* without the parent's exit handlers */
}

/* All of n bytes; false at the end of the pipe. */
static bool receive(int from, void *bytes, size_t n)
{
    for (char *at = bytes; n > 0;) {
        ssize_t got = read(from, at, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        n -= (size_t)got;
    }
    return true;
}

static enum cao_status listen_to(int from, struct cao_hdf *hdf, struct cao_error *err)
{
    hdf->fields = calloc(CAO_HDF_FIELDS, sizeof *hdf->fields);
    if (!hdf->fields)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    if (!receive(from, hdf->value, sizeof hdf->value))
        return CAO_OK;
    while (hdf->n < CAO_HDF_FIELDS && receive(from, &hdf->fields[hdf->n], sizeof *hdf->fields))
        hdf->n++;
    return CAO_OK;
}

enum cao_status cao_hdf_read(const char *path, bool (*wanted)(const char *field),
                             const char *const *keys, bool glance, struct cao_hdf *hdf,
                             struct cao_error *err)
{
    struct cao_hdf made = { 0 };
    int ends[2], state = -1;
    cao_touch(path);
    if (!GDALGetDriverByName("HDF4") || !GDALGetDriverByName("HDF4Image"))
        return cao_fail(err, CAO_EDATA,
                        "this GDAL was built without HDF4: install a GDAL that has it (Debian's "
                        "libgdal has; 'gdalinfo --formats' shows it), or get the product as "
                        "GeoTIFF");
    if (strchr(path, '"'))
        return cao_fail(err, CAO_EDATA, "the path holds a quotation mark, which HDF4 cannot bear");
    if (!cao_place_stat(path, NULL, NULL))
        return cao_fail(err, CAO_EDATA,
                        "cannot be opened: it is no file, or a link that leads nowhere");
    enum cao_glance seen = cao_hdf_glance(path, wanted, keys, &made);
    if (seen == CAO_GLANCE_NO_MEMORY)
        return cao_fail(err, CAO_ENOMEM, "out of memory");
    if (seen == CAO_GLANCE_TORN)
        return cao_fail(
            err, CAO_EDATA,
            "the file is incomplete: parts of it lie beyond its end; download it again");
    if (glance && seen == CAO_GLANCE_UNKNOWN)
        return cao_fail(err, CAO_ECANCEL, "the HDF4 library has to be asked");
    if (glance) {
        made.glanced = true;
        *hdf = made;
        return CAO_OK;
    }
    free(made.fields);
    made = (struct cao_hdf){ 0 };
    if (pipe(ends) != 0)
        return cao_fail(err, CAO_EIO, "no pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        tell(ends[1], path, wanted, keys);
    }
    close(ends[1]);
    enum cao_status st = child < 0 ? cao_fail(err, CAO_EIO, "no process: %s", strerror(errno))
                                   : listen_to(ends[0], &made, err);
    close(ends[0]);
    while (child > 0 && waitpid(child, &state, 0) < 0 && errno == EINTR)
        ;
    if (!st && WIFSIGNALED(state))
        st = cao_fail(err, CAO_EDATA,
                      "the HDF4 library %s on this file; it is damaged, download it again",
                      WTERMSIG(state) == SIGALRM ? "hangs" : "crashes");
    else if (!st && state != 0) {
        const char *kind = cao_format_words(path);
        bool is_hdf4 = !kind || strstr(kind, "HDF4");
        st = cao_fail(err, CAO_EDATA, "is not a readable HDF4-EOS file: %s; download it again",
                      is_hdf4 ? "it is probably incomplete" : kind);
    }
    if (st) {
        free(made.fields);
        return st;
    }
    *hdf = made;
    return CAO_OK;
}

enum cao_status cao_hdf_layer(const struct cao_hdf_field *f, struct cao_layer *l,
                              struct cao_scene *s, struct cao_error *err)
{
    enum cao_status st = cao_layer_init(l, f->path, err);
    if (st)
        return st;
    l->width = f->width;
    l->height = f->height;
    memcpy(l->geotransform, f->geotransform, sizeof l->geotransform);
    return s->crs[0] ? CAO_OK : cao_scene_crs(s, f->crs, err);
}
