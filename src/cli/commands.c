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
    { CAO_EXIT_STOPPED, "stopped by Ctrl-C; finished tiles are kept" },
};

static const struct cao_option options[] = {
    { 'j', "jobs", "N", "work on N tiles at once (default: all processors); changes no result" },
    { 0, "strict", NULL, "stop at the first problem instead of setting it aside" },
    { 0, "again", NULL, "recompute tiles that are up to date" },
    { 0, "json", NULL, "print the result as JSON on standard output" },
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
      "jobs strict again json quiet verbose help", "", 1, 1, cao_cmd_run },
    { "plan", "PROJECT.yaml", "show what a run would do, and do nothing",
      "Checks the project file and all inputs, then prints scenes, tiles (fresh or to do), grid "
      "and "
      "memory per worker.",
      "jobs strict again json quiet verbose help", "", 1, 1, cao_cmd_plan },
    { "scan", "FOLDER...", "list the products in folders, and why any is refused",
      "One line per product: sensor, level, date and time, tile, CRS, size, cloud share, baseline. "
      "Only metadata is read.",
      "json quiet verbose help", "", 1, (size_t)-1, cao_cmd_scan },
    { "template", "", "print a commented project file with every key",
      "Redirect it to a file and edit it: caochu template > park.yaml", "output zh help", "", 0, 0,
      cao_cmd_template },
    { "list", "TOPIC", "list indices, sensors, profiles, keys or exits",
      "TOPIC is one of: indices, sensors, profiles, keys, exits.", "json help",
      "indices sensors profiles keys exits", 1, 1, cao_cmd_list },
    { "profile", "NAME", "print a profile of coefficients, to copy and edit",
      "NAME is an installed profile (caochu list profiles) or a path. Each number bears its source "
      "and how far it was checked.",
      "output help", "", 1, 1, cao_cmd_profile },
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
