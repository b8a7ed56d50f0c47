/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caochu/check.h"
#include "caochu/grid.h"
#include "caochu/limits.h"
#include "caochu/lock.h"
#include "caochu/reader.h"
#include "run/sched.h"

static const double mb = 1048576;

struct report {
    struct cao_health *lines;
    size_t n;
};

CAO_PRINTF(4, 5)
static void say(struct report *r, enum cao_health_state state, const char *what, const char *fmt,
                ...)
{
    if (r->n == CAO_MOST_HEALTH)
        return;
    struct cao_health *line = &r->lines[r->n++];
    va_list args;
    line->state = state;
    snprintf(line->what, sizeof line->what, "%s", what);
    va_start(args, fmt);
    vsnprintf(line->text, sizeof line->text, fmt, args);
    va_end(args);
}

/* Layers of pastures come in these; a datum that is brought to WGS 84 as a ballpark lies beside the images
 * by as much as a hundred metres. */
static void look_at_datums(struct report *r)
{
    static const struct {
        const char *crs, *name;
        bool same; /* as WGS 84, to a decimetre: a ballpark is right */
    } datums[] = { { "EPSG:4490", "CGCS2000", true },
                   { "EPSG:4610", "Xian 1980", false },
                   { "EPSG:4214", "Beijing 1954", false } };
    for (size_t i = 0; i < sizeof datums / sizeof datums[0]; i++) {
        struct cao_crs_way way;
        struct cao_error err = { 0 };
        char missing[80] = "";
        if (cao_crs_way_to_wgs84(datums[i].crs, &way, &err)) {
            say(r, CAO_POOR, "datum", "%s", err.text);
            continue;
        }
        if (way.n_missing)
            snprintf(missing, sizeof missing, "; %d better ways want grids that are not here",
                     way.n_missing);
        if (datums[i].same && way.accuracy_m < 0 && !way.n_missing)
            say(r, CAO_WELL, "datum", "%s is taken as WGS 84, the same to a decimetre",
                datums[i].name);
        else if (way.accuracy_m < 0)
            say(r, CAO_POOR, "datum",
                "%s to WGS 84 is a ballpark, as much as 100 m off%s: bring such layers to CGCS2000 "
                "with the parameters of your survey office",
                datums[i].name, missing);
        else
            say(r, way.accuracy_m > 10 ? CAO_POOR : CAO_WELL, "datum",
                "%s to WGS 84 within %g m (%s)%s", datums[i].name, way.accuracy_m, way.name,
                missing);
    }
}

static void look_at_libraries(struct report *r, const char *data_dir)
{
    static const struct {
        const char *driver, *for_what;
    } wanted[] = {
        { "JP2OpenJPEG", "Sentinel-2 as delivered" }, { "HDF4", "MODIS as delivered" },
        { "GPKG", "GeoPackage in and out" },          { "ESRI Shapefile", "Shapefiles" },
        { "XLSX", "livestock tables of Excel" },
    };
    char text[128], *wkt = NULL, *name = NULL;
    struct cao_error err = { 0 };
    struct cao_names names = { 0 };
    cao_raster_versions(text, sizeof text);
    say(r, CAO_WELL, "libraries", "%s", text);
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (!cao_raster_has_driver(wanted[i].driver))
            say(r, CAO_POOR, "driver", "GDAL has no %s: needed for %s", wanted[i].driver,
                wanted[i].for_what);
        else
            say(r, CAO_WELL, "driver", "%s, for %s", wanted[i].driver, wanted[i].for_what);
    if (cao_crs_resolve("EPSG:32647", &wkt, &name, &err))
        say(r, CAO_ILL, "PROJ", "its database does not answer: %.200s; install proj-data",
            err.text);
    else
        say(r, CAO_WELL, "PROJ", "its database answers");
    look_at_datums(r);
    free(wkt);
    free(name);
    size_t n = 0;
    if (!cao_list_dir(data_dir, &names, NULL))
        for (size_t i = 0; i < names.n; i++)
            n += cao_path_has_ending(names.items[i], ".yaml");
    cao_names_release(&names);
    say(r, n ? CAO_WELL : CAO_ILL, "profiles", "%zu in %s%s", n, data_dir,
        n ? "" : "; set CAOCHU_DATA to where they are installed");
}

static void look_at_limits(struct report *r)
{
    int64_t memory = cao_memory_available();
    size_t files = cao_files_limit();
    time_t now = time(NULL);
    say(r, CAO_WELL, "processors", "%d", cao_sched_processors());
    if (memory == INT64_MAX)
        say(r, CAO_POOR, "memory", "not known; say how much with --memory");
    else
        say(r, memory < 512 << 20 ? CAO_POOR : CAO_WELL, "memory",
            "%.0f MB can be had by machine and cgroup", (double)memory / mb);
    say(r, files < 256 ? CAO_POOR : CAO_WELL, "open files", "%zu at once%s", files,
        files < 256 ? "; raise it with ulimit -n: scenes are opened again and again" : "");
    say(r, now < 1704067200 ? CAO_ILL : CAO_WELL, "clock", "%s",
        now < 1704067200 ? "stands before 2024: dates in records will be wrong" : "plausible");
}

/* Another process must find the lock taken. */
static bool lock_keeps_others_out(const char *folder, bool *blind)
{
    struct cao_lock lock = { 0 };
    int status = -1;
    if (cao_lock_take(&lock, folder, "caochu doctor", NULL))
        return false;
    *blind = lock.blind;
    pid_t child = fork();
    if (child == 0) {
        char who[256];
        _exit(cao_lock_held(folder, who) ? 0 : 1);
    }
    bool kept = child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                WEXITSTATUS(status) == 0;
    cao_lock_release(&lock);
    return kept;
}

static void look_at_renaming(struct report *r, const char *folder)
{
    static const char name[] = ".caochu-doctor 草场";
    char path[CAO_PATH_MAX], *text = NULL;
    struct cao_error err = { 0 };
    size_t n = 0;
    int64_t mtime = 0;
    enum cao_status st = cao_path_join(path, folder, name, &err);
    if (!st)
        st = cao_file_write(path, "one", 3, &err);
    if (!st)
        st = cao_file_write(path, "two", 3, &err);
    if (!st)
        st = cao_file_read(path, 100, &text, &n, &err);
    bool same = !st && n == 3 && memcmp(text, "two", 3) == 0;
    cao_file_stat(path, NULL, &mtime);
    free(text);
    if (st)
        say(r, CAO_ILL, "writing", "%.250s", err.text);
    else
        say(r, same ? CAO_WELL : CAO_ILL, "writing",
            same ? "files are flushed and renamed over others"
                 : "a renamed file is not what was "
                   "written");
    double off = (double)time(NULL) - (double)mtime * 1e-9;
    if (!st)
        say(r, off > 60 || off < -60 ? CAO_POOR : CAO_WELL, "its clock",
            "%.0f s from this machine's", -off);
    if (!st && cao_file_remove(path, &err))
        say(r, CAO_ILL, "removing", "%.250s", err.text);
}

static void look_at_folder(struct report *r, const char *folder)
{
    struct statvfs fs;
    char who[256];
    bool blind = false;
    if (!cao_file_is_dir(folder)) {
        say(r, CAO_ILL, "folder", "%.200s is not a folder", folder);
        return;
    }
    say(r, CAO_WELL, "folder", "%.250s", folder);
    look_at_renaming(r, folder);
    if (cao_lock_held(folder, who))
        say(r, CAO_WELL, "locking", "a run is at work there: %.200s", who);
    else if (lock_keeps_others_out(folder, &blind))
        say(r, CAO_WELL, "locking", "a second run is kept out");
    else
        say(r, CAO_POOR, "locking", "%s",
            blind ? "the file system knows no locks: see to it that one "
                    "run works there at a time"
                  : "a lock does not keep other processes out");
    if (statvfs(folder, &fs) == 0) {
        double left = (double)fs.f_bavail * (double)fs.f_frsize;
        say(r, left < 1024 * mb ? CAO_POOR : CAO_WELL, "room", "%.0f MB free, %.0f thousand inodes",
            left / mb, (double)fs.f_favail / 1000);
    }
}

size_t cao_doctor(const char *folder, const char *data_dir,
                  struct cao_health lines[CAO_MOST_HEALTH])
{
    struct report r = { lines, 0 };
    look_at_libraries(&r, data_dir);
    look_at_limits(&r);
    look_at_folder(&r, folder);
    return r.n;
}
