/* SPDX-License-Identifier: MIT
 * The tables of commands, options and exit codes. Help, manual and completion are printed from
 * here; a new command is a row and a function. */
#include <string.h>

#include "caochu/text.h"
#include "cli/cli.h"

static const struct cao_exit_row exits[] = {
    { CAO_EXIT_DONE, "done: everything asked for is there" },
    { CAO_EXIT_FAILED, "failed: no usable result; what was there before is untouched" },
    { CAO_EXIT_USAGE, "usage: the command line or the project file is wrong; nothing was begun" },
    { CAO_EXIT_PARTIAL,
      "partial: some items were set aside; the rest is written, and run.json lists them" },
    { CAO_EXIT_MANY,
      "too many failures: more than --max-failures; tables and maps are not touched" },
    { CAO_EXIT_BUSY, "busy: another run is at work on the same output folder; nothing was begun" },
    { CAO_EXIT_STOPPED, "stopped by Ctrl-C, SIGTERM or SIGHUP; finished tiles are kept" },
};

static const struct cao_option options[] = {
    { 'j', "jobs", "N", "work on N tiles at once (default: all processors); changes no result" },
    { 0, "strict", NULL, "stop at the first problem instead of setting it aside" },
    { 0, "max-failures", "N|P%",
      "stop when more than N problems were met, or P percent of all scenes, tiles and pastures" },
    { 0, "again", NULL, "recompute tiles that are up to date" },
    { 0, "fresh", NULL, "look at every product again, whatever earlier scans remember" },
    { 0, "no-cache", NULL,
      "neither use nor keep what scans remember (in $XDG_CACHE_HOME/caochu or ~/.cache/caochu)" },
    { 0, "prune", NULL, "remove tiles, maps and periods that are no longer of the project" },
    { 0, "json", NULL, "print the result as JSON on standard output" },
    { 0, "csv", NULL, "print the result as CSV on standard output, or to -o FILE" },
    { 'r', "raster", "RASTER",
      "a raster, a folder of them, or a pattern in quotes such as 'ndvi/*.tif'; -r may be "
      "repeated, "
      "and further words are rasters too" },
    { 0, "input-list", "FILE", "a text file that names a raster on each line" },
    { 'p', "polygons", "LAYER", "file with the polygons, in any CRS" },
    { 's', "stat", "NAME",
      "statistics, by commas or repeated (default: count,mean,min,max,stdev); see 'list "
      "statistics'" },
    { 0, "layer", "NAME", "layer of the polygons' file, where it has several" },
    { 0, "id", "ID",
      "zonal: column that names the polygons (default: the feature's number); "
      "explain: the pasture's id" },
    { 0, "include-field", "FIELD", "columns to carry over, by commas or repeated" },
    { 0, "where", "CONDITION", "only polygons that meet it, such as \"county = '祁连县'\"" },
    { 0, "bands", "LIST", "bands, such as 1,3 or 2-5 (default: all)" },
    { 0, "weights", "RASTER", "weights on the same grid, for the weighted statistics" },
    { 0, "nodata", "NUMBER", "a stored number that is no data, besides the rasters' own" },
    { 0, "pixels", "RULE",
      "exact: each cell by its share inside (default); center: whole cells whose centre is inside; "
      "all-touched: whole cells with any share" },
    { 0, "layout", "SHAPE",
      "long: a row for each polygon and band (default with several); wide: a row for each "
      "polygon" },
    { 0, "update", NULL,
      "add the statistics as columns to the polygons' own GeoPackage, or to a copy of any layer "
      "that -o names" },
    { 0, "crs", "CRS", "coordinate system of inputs that name none" },
    { 0, "polygons-crs", "CRS",
      "coordinate system of the polygons whatever their file says, such as a wrong .prj" },
    { 0, "encoding", "NAME",
      "of a Shapefile's texts, such as GBK (default: as it says, or found)" },
    { 0, "memory", "MB",
      "that the work may take (default: zonal 1024, else 3/4 of what machine and cgroup leave); "
      "changes no result" },
    { 0, "no-bom", NULL, "begin a CSV without a byte order mark (Excel wants one)" },
    { 0, "set", "KEY=VALUE", "another assumption; may be repeated; see 'list what-if'" },
    { 0, "compare-profiles", NULL, "all installed profiles side by side" },
    { 0, "monte-carlo", "N",
      "intervals and probabilities by N draws instead of by formula; the same N gives the same" },
    { 0, "groups", NULL, "a row for each group (township, village, ...) instead of each pasture" },
    { 0, "sensor", "NAME",
      "list indices: those that this sensor's bands allow; calibrate: what the index was seen by" },
    { 0, "period", "NAME", "a period of the project" },
    { 0, "low", "PERCENT", "share of the area below the NDVI of bare soil (default: 0.5)" },
    { 0, "high", "PERCENT", "share of the area below the NDVI of full cover (default: 99.5)" },
    { 0, "column", "KEY=HEADING",
      "which column is id, date, x, y, type, fresh or dry, where the heading is not a usual one" },
    { 0, "sheet", "NAME", "sheet of an XLSX (default: the first)" },
    { 0, "unit", "UNIT", "of weights: g/m2, kg/ha or kg/mu (default: by the heading, else g/m2)" },
    { 0, "basis", "WHAT",
      "fresh or hay: the weight that equations give (default: fresh where there is a column)" },
    { 0, "dry", "HOW", "oven or air: how dry weights are dry; hay has 14 % water (default: oven)" },
    { 0, "index", "NAME", "the index that the rasters hold (default: NDVI)" },
    { 0, "name", "NAME", "of the equations' file (default: that of the table)" },
    { 0, "profile", "NAME", "whose grassland types the table names (default: nyt635-2015)" },
    { 0, "within", "DAYS", "between plot and image (default: 10)" },
    { 0, "take", "WHICH", "nearest image with a value, or the max of those (default: nearest)" },
    { 0, "window", "CELLS",
      "along the window that is averaged, odd (default: 3 where a cell is under 100 m, else 1)" },
    { 0, "sd", "K",
      "plots beyond K standard deviations of their type are out (default: 3; 0: none)" },
    { 0, "folds", "K", "of the cross-validation (default: 10)" },
    { 0, "least-plots", "N", "that equations of a type need (default: 8)" },
    { 0, "pooled", NULL, "types without equations of their own take those of all plots" },
    { 0, "chart", "FILE.svg", "draw plots and curves" },
    { 0, "herds", NULL, "a row for each household's herd, over its pastures of all seasons" },
    { 'o', "output", "FILE", "write there instead of to standard output" },
    { 0, "zh", NULL, "comments and headings in Chinese" },
    { 'q', "quiet", NULL, "no progress, no notes; errors and problems only" },
    { 'v', "verbose", NULL, "say more about what is done" },
    { 'h', "help", NULL, "show this help" },
};

static const struct cao_command commands[] = {
    { "run", "PROJECT.yaml", "compute everything the project file asks for",
      "Finds the scenes, masks clouds, makes one composite per period, computes indices, yield, "
      "carrying capacity and grazing pressure, and writes GeoTIFFs and one row per pasture. "
      "Tiles that are up to date are not computed again.",
      "jobs memory strict max-failures again prune fresh no-cache json quiet verbose help", "", 1,
      1, cao_cmd_run },
    { "plan", "PROJECT.yaml", "show what a run would do, and do nothing",
      "Checks the project file and all inputs, then prints scenes, grid, the tiles to do and why "
      "each "
      "is (new, or what changed), those up to date, what lies in the output folder and is no "
      "longer "
      "of the project, room on disk, memory, and the time to expect by the last run. A tile is "
      "computed whole: a changed coefficient redoes the tiles of its grassland types from the "
      "imagery. With --json every tile is listed.",
      "jobs memory strict max-failures again fresh no-cache json quiet verbose help", "", 1, 1,
      cao_cmd_plan },
    { "zonal", "-p LAYER -r RASTER...", "statistics of rasters for each polygon, exact at borders",
      "Cells count by the exact share of their area inside the polygon. Any number of rasters and "
      "bands, on any grids; polygons are brought into each raster's CRS. No data never counts, and "
      "missing_share always tells how much of the polygon had none. A polygon outside of the "
      "raster "
      "has count 0, and its other statistics are empty. OUT ends in .csv, .xlsx, .ods, .gpkg, "
      ".geojson, .fgb or .parquet; without -o a CSV goes to standard output. Results are the same "
      "bytes for any number of workers and any memory.",
      "raster input-list polygons stat output layer id include-field where bands weights nodata "
      "pixels "
      "layout update crs polygons-crs encoding memory no-bom zh jobs strict quiet verbose help",
      "", 0, (size_t)-1, cao_cmd_zonal },
    { "balance", "RESULTS|PROJECT",
      "verdicts again under other assumptions, without touching a pixel",
      "Takes the sums that a finished run stored and reckons hay, capacity, herds and classes "
      "anew, "
      "as a CSV. What would change the yield itself needs a run, and is refused. Example: caochu "
      "balance results --set utilisation.alpine_meadow=0.45 --set head.yak=-10% -o whatif.csv",
      "set compare-profiles groups herds monte-carlo zh output quiet verbose help", "", 1, 1,
      cao_cmd_balance },
    { "calibrate", "PLOTS.csv -r RESULTS|RASTERS...",
      "yield equations from field plots and images of an index",
      "Takes the index at each plot (mean of 3 x 3 cells of 10 to 30 m, the cell of MODIS), sets "
      "aside what cannot be used and says why, averages plots in one cell, and fits linear, "
      "quadratic, exponential, power and logarithmic equations to the yield itself, for each "
      "grassland type and for all plots. Each is checked by leaving plots out; the one with the "
      "lowest error that does not fall with the index is picked. -o writes the equations with "
      "their "
      "range, covariance and errors, for 'yield_models' of a project. -r is the output folder of a "
      "run (each period is an image of all its days), a folder, or rasters with a date in their "
      "names.",
      "raster output chart column sheet unit basis dry index sensor name profile within take "
      "window "
      "sd folds least-plots pooled crs json zh quiet help",
      "", 1, (size_t)-1, cao_cmd_calibrate },
    { "explain", "RESULTS|PROJECT", "the chain behind one pasture's verdict, from scenes to class",
      "Prints each step of the reckoning for the pasture of --id: scenes and dates, index, yield "
      "equations, every coefficient with its source and how far it was checked, herd and class.",
      "id json zh output quiet verbose help", "", 1, 1, cao_cmd_explain },
    { "fvc-baseline", "RESULTS|PROJECT",
      "end-members of vegetation cover by grassland type, from a period, to be frozen",
      "Takes the NDVI maps of a finished run and prints, for each grassland type, the values at "
      "two "
      "ends of its distribution over the area (water and snow, at 0 and below, left out), as a "
      "YAML "
      "file. Used with fvc.end_members in "
      "project "
      "files of all years, it makes vegetation cover comparable between them. Example: caochu "
      "fvc-baseline results --period peak-2020 -o fvc.yaml",
      "period low high output quiet verbose help", "", 1, 1, cao_cmd_fvc_baseline },
    { "check", "PATH...", "check that results are whole and are what was written",
      "PATH is an output folder or a GeoTIFF. Each raster must have the bytes that the tile's "
      "record "
      "says and be laid out as a Cloud-Optimized GeoTIFF; maps must name tiles that are there, and "
      "run.json must say that the run ended. Problems are listed, and the exit code is 3.",
      "quiet help", "", 1, (size_t)-1, cao_cmd_check },
    { "doctor", "[FOLDER]", "say whether this machine and a folder are fit for the work",
      "Looks at GDAL's drivers, PROJ's database, profiles, memory, open files and the clock, and "
      "writes, "
      "renames, locks and removes some small files in FOLDER (default: here), where results are to "
      "go. "
      "Exits with 1 where something is so bad that a run would fail.",
      "json help", "", 0, 1, cao_cmd_doctor },
    { "scan", "PATH...|PROJECT", "list the products in folders, and why any is refused",
      "One line per product: platform, level, date and time, tile, CRS, size, cloud share, "
      "baseline, "
      "whether its reflectance has an offset, by what clouds are told, bands. --csv, or -o "
      "FILE.csv, "
      "has more: what masks can tell, paths, codes of refusals. Images of no product that is known "
      "are counted. "
      "Only metadata is read, several products at a time. What was seen is remembered in the "
      "user's "
      "cache folder, so that a later scan or run looks only at what changed: names, sizes and "
      "times "
      "of all files that were read or asked for.",
      "jobs fresh no-cache json csv output zh quiet verbose help", "", 1, (size_t)-1,
      cao_cmd_scan },
    { "template", "", "print a commented project file with every key",
      "Redirect it to a file and edit it: caochu template > park.yaml", "output zh help", "", 0, 0,
      cao_cmd_template },
    { "list", "TOPIC [FOLDER...|PROJECT]",
      "list indices, composites, sensors, profiles, keys, statistics, errors, what-if or exits",
      "TOPIC is one of: indices, composites, sensors, profiles, keys, statistics, errors, what-if, "
      "exits. 'list indices' shows which sensors can give each; with --sensor those that it can "
      "give "
      "(sentinel2, landsat8, mod13, ...); with folders of products, or a project file, how many of "
      "the products there can, and which bands are lacking.",
      "sensor zh json help",
      "indices composites sensors profiles keys statistics errors what-if exits", 1, (size_t)-1,
      cao_cmd_list },
    { "profile", "[show] NAME", "print a profile of coefficients, to copy and edit",
      "NAME is an installed profile (caochu list profiles) or a path. Each number bears its source "
      "and how far it was checked. With 'show' it is printed whole, with what it is based on, and "
      "where each value stands.",
      "output help", "", 1, 2, cao_cmd_profile },
    { "man", "", "print the manual page", "In troff; caochu man | man -l -", "output help", "", 0,
      0, cao_cmd_man },
    { "completion", "", "print the bash completion", "source <(caochu completion)", "output help",
      "", 0, 0, cao_cmd_completion },
    { "help", "[COMMAND]", "show help on a command", "", "help", "", 0, 1, cao_cmd_help },
};

const struct cao_command *cao_command_all(size_t *n)
{
    *n = sizeof commands / sizeof commands[0];
    return commands;
}

const struct cao_command *cao_command_find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

const struct cao_option *cao_option_all(size_t *n)
{
    *n = sizeof options / sizeof options[0];
    return options;
}

bool cao_command_takes(const struct cao_command *c, const char *option)
{
    size_t n = strlen(option);
    for (const char *at = c->options; (at = strstr(at, option)) != NULL; at += n)
        if ((at == c->options || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0'))
            return true;
    return false;
}

const struct cao_exit_row *cao_exit_all(size_t *n)
{
    *n = sizeof exits / sizeof exits[0];
    return exits;
}

const char *cao_line_value(const struct cao_line *line, const char *option)
{
    for (size_t i = line->n_given; i-- > 0;)
        if (strcmp(line->given[i].name, option) == 0)
            return line->given[i].value ? line->given[i].value : "";
    return NULL;
}

size_t cao_line_values(const struct cao_line *line, const char *option, const char **values)
{
    size_t n = 0;
    for (size_t i = 0; i < line->n_given; i++)
        if (strcmp(line->given[i].name, option) == 0)
            values[n++] = line->given[i].value ? line->given[i].value : "";
    return n;
}
