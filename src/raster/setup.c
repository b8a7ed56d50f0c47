/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <cpl_vsi.h>
#include <gdal.h>
#include <ogr_api.h>
#include <ogr_srs_api.h>

#include "caochu/reader.h"
#include "caochu/text.h"
#include "raster/gdal_words.h"

/* What is not here is not opened, whatever a folder of downloads holds: each driver is a parser of
 * other people's bytes, and some of GDAL's crash on torn files. */
static const char *const allowed[] = {
    "GTiff",  "COG",    "JP2OpenJPEG", "VRT",        "MEM",     "GPKG",   "ESRI Shapefile",
    "CSV",    "XLSX",   "ODS",         "GeoJSON",    "KML",     "LIBKML", "OpenFileGDB",
    "SQLite", "Memory", "GeoJSONSeq",  "FlatGeobuf", "Parquet", "HDF4",   "HDF4Image",
};

/* Without these the run does nothing useful. */
static const char *const needed[] = { "GTiff", "COG", "JP2OpenJPEG", "MEM", "GPKG" };

static const char *const options[][2] = {
    { "CPL_DEBUG", "OFF" },
    /* A side-car left by another program must not change what a pixel means, nor ours be written. */
    { "GDAL_PAM_ENABLED", "NO" },
    { "GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR" },
    /* A data file, such as a VRT, neither reaches into the network nor runs code. */
    { "CPL_VSIL_CURL_ALLOWED_FILENAME", "none" },
    { "GDAL_VRT_ENABLE_PYTHON", "NO" },
    /* Tiles are the one level of parallelism. */
    { "GDAL_NUM_THREADS", "1" },
    { "OSR_DEFAULT_AXIS_MAPPING_STRATEGY", "TRADITIONAL_GIS_ORDER" },
};

/* What a file names may lie on this machine only. GDAL opens these for any path that begins so, also
 * one that stands in a VRT; the setting above is not asked by all of them. */
static const char *const closed[] = {
    "/vsicurl/",
    "/vsicurl_streaming/",
    "/vsis3/",
    "/vsis3_streaming/",
    "/vsigs/",
    "/vsigs_streaming/",
    "/vsiaz/",
    "/vsiaz_streaming/",
    "/vsiadls/",
    "/vsioss/",
    "/vsioss_streaming/",
    "/vsiswift/",
    "/vsiswift_streaming/",
    "/vsiwebhdfs/",
    "/vsihdfs/",
    "/vsistdin/",
    "/vsistdout/",
    "/vsistdout_redirect/",
};

static void *open_nothing(void *context, const char *path, const char *access)
{
    (void)context;
    (void)access;
    CPLError(CE_Failure, CPLE_OpenFailed, "%s: is not a file of this machine", path);
    return NULL;
}

static int see_nothing(void *context, const char *path, VSIStatBufL *stat, int flags)
{
    (void)context;
    (void)path;
    (void)stat;
    (void)flags;
    return -1;
}

/* GDAL forgets a handler that is replaced, once for the life of the process. */
#if defined __has_feature
#if __has_feature(address_sanitizer)
#define CHECKS_LEAKS
#endif
#elif defined __SANITIZE_ADDRESS__
#define CHECKS_LEAKS
#endif
#ifdef CHECKS_LEAKS
#include <sanitizer/lsan_interface.h>
#define FORGIVE_LEAKS(yes) ((yes) ? __lsan_disable() : __lsan_enable())
#else
#define FORGIVE_LEAKS(yes) ((void)(yes))
#endif

static void close_doors(void)
{
    static bool done;
    FORGIVE_LEAKS(true); /* all handlers are made by the first call */
    VSIFilesystemPluginCallbacksStruct *nothing = VSIAllocFilesystemPluginCallbacksStruct();
    if (!done && nothing) {
        nothing->open = open_nothing;
        nothing->stat = see_nothing;
        for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
            VSIInstallPluginHandler(closed[i], nothing);
        done = true;
    }
    VSIFreeFilesystemPluginCallbacksStruct(nothing);
    FORGIVE_LEAKS(false);
}

static bool is_allowed(const char *name)
{
    for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
        if (cao_text_same(name, allowed[i]))
            return true;
    return false;
}

enum cao_status cao_raster_setup(size_t cache_mb, struct cao_error *err)
{
    if (cache_mb < 1 || cache_mb > (size_t)1 << 20)
        return cao_fail(err, CAO_EARG, "a block cache of %zu MB cannot be; 64 to 1024 is usual",
                        cache_mb);
    CPLSetErrorHandler(CPLQuietErrorHandler);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        CPLSetConfigOption(options[i][0], options[i][1]);
    GDALSetCacheMax64((GIntBig)cache_mb << 20);
    close_doors();
    GDALAllRegister();
    for (int i = GDALGetDriverCount() - 1; i >= 0; i--) {
        GDALDriverH driver = GDALGetDriver(i);
        if (!is_allowed(GDALGetDriverShortName(driver))) {
            GDALDeregisterDriver(driver);
            GDALDestroyDriver(driver);
        }
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!GDALGetDriverByName(needed[i]))
            return cao_fail(err, CAO_EARG,
                            "this GDAL (%s) was built without its %s driver; install a full GDAL",
                            GDALVersionInfo("RELEASE_NAME"), needed[i]);
    return CAO_OK;
}

bool cao_raster_has_driver(const char *name)
{
    return GDALGetDriverByName(name) != NULL;
}

void cao_raster_cache(size_t bytes)
{
    GDALSetCacheMax64((GIntBig)bytes);
}

void cao_raster_versions(char *text, size_t size)
{
    int major = 0, minor = 0, patch = 0;
    OSRGetPROJVersion(&major, &minor, &patch);
    snprintf(text, size, "GDAL %s, PROJ %d.%d.%d", GDALVersionInfo("RELEASE_NAME"), major, minor,
             patch);
}

void cao_raster_teardown(void)
{
    GDALDestroyDriverManager();
    OGRCleanupAll();
    CPLSetErrorHandler(CPLDefaultErrorHandler);
}

const char *cao_gdal_words(char text[CAO_WORDS])
{
    const char *words = CPLGetLastErrorMsg();
    snprintf(text, CAO_WORDS, "%s", words && words[0] ? words : "no reason given");
    for (char *c = text; *c; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    return cao_text_trim(text);
}
