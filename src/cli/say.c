/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/text.h"
#include "cli/cli.h"

int cao_say_error(const struct cao_error *err, enum cao_status st)
{
    fprintf(stderr, "caochu: %s\n", err->text[0] ? err->text : cao_status_name(st));
    return (int)cao_status_exit(st);
}

int cao_say_usage(const struct cao_command *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("caochu: ", stderr);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\n  try: caochu %s%s\n", c ? c->name : "help", c ? " --help" : "");
    return CAO_EXIT_USAGE;
}

void cao_print_cell(FILE *to, const char *text, size_t columns, bool last)
{
    size_t width = cao_text_columns(text);
    fputs(text, to);
    for (; !last && width < columns + 2; width++)
        fputc(' ', to);
}

static void print_option(FILE *to, const struct cao_option *o)
{
    char text[64];
    if (o->letter)
        snprintf(text, sizeof text, "-%c, --%s%s%s", o->letter, o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
    else
        snprintf(text, sizeof text, "    --%s%s%s", o->name, o->argument ? " " : "",
                 o->argument ? o->argument : "");
    fputs("  ", to);
    cao_print_cell(to, text, 26, false);
    fprintf(to, "%s\n", o->help);
}

/* Words folded at 78 columns. */
static void print_folded(FILE *to, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column && column + 1 + n > 78) {
            fputc('\n', to);
            column = 0;
        }
        column += (size_t)fprintf(to, "%s%.*s", column ? " " : "", (int)n, text);
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

void cao_print_command_help(FILE *to, const struct cao_command *c)
{
    size_t n;
    const struct cao_option *o = cao_option_all(&n);
    fprintf(to, "Usage: caochu %s%s%s%s%s\n\n", c->name, c->options[0] ? " [OPTION...]" : "",
            c->arguments[0] ? " " : "", c->arguments, "");
    fprintf(to, "%c%s.\n", c->summary[0] - 32, c->summary + 1);
    if (c->detail[0]) {
        fputc('\n', to);
        print_folded(to, c->detail);
    }
    fputs("\nOptions:\n", to);
    for (size_t i = 0; i < n; i++)
        if (cao_command_takes(c, o[i].name))
            print_option(to, &o[i]);
}

void cao_print_help(FILE *to)
{
    size_t n;
    fputs(
        "caochu (草畜): from satellite imagery to the grass-livestock balance of every pasture.\n\n"
        "Usage: caochu COMMAND [OPTION...] [ARGUMENT...]\n\nCommands:\n",
        to);
    const struct cao_command *c = cao_command_all(&n);
    size_t width = 0;
    for (size_t i = 0; i < n; i++) {
        size_t w = strlen(c[i].name) + 1 + strlen(c[i].arguments);
        width = w > width ? w : width;
    }
    for (size_t i = 0; i < n; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s %s", c[i].name, c[i].arguments);
        fputs("  ", to);
        cao_print_cell(to, text, width, false);
        fprintf(to, "%s\n", c[i].summary);
    }
    fputs("\nExit codes:\n", to);
    const struct cao_exit_row *e = cao_exit_all(&n);
    for (size_t i = 0; i < n; i++)
        fprintf(to, "  %3d  %s\n", e[i].code, e[i].meaning);
    fputs("\nBegin with: caochu template > park.yaml, edit it, caochu run park.yaml\n"
          "'caochu COMMAND --help' says more; 'caochu --version' prints the version.\n",
          to);
}

int cao_put_output(const struct cao_line *line, const char *text, size_t n)
{
    struct cao_error err = { 0 };
    if (line->output) {
        enum cao_status st = cao_file_write(line->output, text, n, &err);
        return st ? cao_say_error(&err, st) : CAO_EXIT_DONE;
    }
    if (fwrite(text, 1, n, stdout) != n || fflush(stdout) != 0) {
        fputs("caochu: standard output cannot be written\n", stderr);
        return CAO_EXIT_FAILED;
    }
    return CAO_EXIT_DONE;
}
