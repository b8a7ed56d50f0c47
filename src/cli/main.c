/* SPDX-License-Identifier: MIT
 * Parses the line by the tables and calls the command. */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caochu/file.h"
#include "caochu/reader.h"
#include "caochu/text.h"
#include "cli/cli.h"

enum { CACHE_MB = 256 };

/* Options with a field of their own in struct cao_line; any other is listed in `given`. */
static bool has_field(const char *name)
{
    static const char *const names[] = { "jobs", "json",  "strict",  "again", "output",
                                         "zh",   "quiet", "verbose", "help" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The switch or argument of an option, put where the commands look. */
static bool set_option(struct cao_line *line, const struct cao_option *o, const char *value,
                       const struct cao_command *c, int *code)
{
    int64_t n;
    if (!has_field(o->name)) {
        line->given[line->n_given++] = (struct cao_given){ o->name, value };
        return true;
    }
    switch (o->name[0]) {
    case 'j':
        if (strcmp(o->name, "json") == 0) {
            line->json = true;
        } else if (!cao_text_int64(value, &n) || n < 1 || n > 4096) {
            *code = cao_say_usage(c, "--jobs: '%s' is not a number from 1 to 4096", value);
            return false;
        } else {
            line->jobs = (int)n;
        }
        break;
    case 's':
        line->strict = true;
        break;
    case 'a':
        line->again = true;
        break;
    case 'o':
        line->output = value;
        break;
    case 'z':
        line->chinese = true;
        break;
    case 'q':
        line->quiet = true;
        break;
    case 'v':
        line->verbose = true;
        break;
    default: /* help */
        cao_print_command_help(stdout, c);
        *code = CAO_EXIT_DONE;
        return false;
    }
    return true;
}

static int unknown_option(const struct cao_command *c, const char *word)
{
    size_t n, n_names = 0;
    const struct cao_option *o = cao_option_all(&n);
    const char *names[32];
    for (size_t i = 0; i < n && n_names < 32; i++)
        if (cao_command_takes(c, o[i].name))
            names[n_names++] = o[i].name;
    size_t near = cao_text_nearest(word + strspn(word, "-"), names, n_names);
    return near == SIZE_MAX ? cao_say_usage(c, "%s: unknown option of '%s'", word, c->name)
                            : cao_say_usage(c, "%s: unknown option of '%s'; did you mean --%s?",
                                            word, c->name, names[near]);
}

/* "--name", "--name=value", "-x", "-xVALUE"; the option it is, and its value if it is attached. */
static const struct cao_option *match_option(const struct cao_command *c, const char *word,
                                             const char **value)
{
    size_t n;
    const struct cao_option *o = cao_option_all(&n);
    *value = NULL;
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(o[i].name);
        if (!cao_command_takes(c, o[i].name))
            continue;
        if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, o[i].name, length) == 0 &&
            (word[2 + length] == '\0' || (word[2 + length] == '=' && o[i].argument))) {
            *value = word[2 + length] ? word + 3 + length : NULL;
            return &o[i];
        }
        if (o[i].letter && word[0] == '-' && word[1] == o[i].letter &&
            (word[2] == '\0' || o[i].argument)) {
            *value = word[2] ? word + 2 : NULL;
            return &o[i];
        }
    }
    return NULL;
}

/* True to go on; else *code is what to end with. */
static bool parse(int argc, char **argv, const struct cao_command *c, struct cao_line *line,
                  int *code)
{
    bool words_only = false;
    for (int i = 2; i < argc; i++) {
        const char *value, *word = argv[i];
        if (words_only || word[0] != '-' || word[1] == '\0') {
            line->words[line->n_words++] = argv[i];
            continue;
        }
        if (strcmp(word, "--") == 0) {
            words_only = true;
            continue;
        }
        const struct cao_option *o = match_option(c, word, &value);
        if (!o) {
            *code = unknown_option(c, word);
            return false;
        }
        if (o->argument && !value) {
            if (++i >= argc) {
                *code = cao_say_usage(c, "--%s needs %s", o->name, o->argument);
                return false;
            }
            value = argv[i];
        }
        if (!set_option(line, o, value, c, code))
            return false;
    }
    if (line->n_words < c->least || line->n_words > c->most) {
        *code =
            line->n_words < c->least
                ? cao_say_usage(c, "%s: %s is missing", c->name, c->arguments)
                : cao_say_usage(c, "%s: '%s' is one word too many", c->name, line->words[c->most]);
        return false;
    }
    return true;
}

/* Profiles: $CAOCHU_DATA, else beside the installed program, else in the source tree it was built in. */
static void find_data(char out[CAO_PATH_MAX])
{
    static const char *const places[] = { "../share/caochu/profiles", "../../src/profiles" };
    char exe[CAO_PATH_MAX], dir[CAO_PATH_MAX];
    const char *said = getenv("CAOCHU_DATA");
    if (said && said[0] && strlen(said) < CAO_PATH_MAX) {
        snprintf(out, CAO_PATH_MAX, "%s", said);
        return;
    }
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    cao_path_dir(dir, exe);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (cao_path_join(exe, dir, places[i], NULL) == CAO_OK && realpath(exe, out))
            return;
    out[0] = '\0';
}

/* Where scans are remembered: the user's cache folder; "" where there is none. */
static void find_cache(char out[CAO_PATH_MAX])
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char dir[CAO_PATH_MAX];
    out[0] = '\0';
    if (cache && cache[0] == '/') {
        if (cao_path_join(out, cache, "caochu", NULL))
            out[0] = '\0';
    } else if (home && home[0] == '/' && !cao_path_join(dir, home, ".cache/caochu", NULL)) {
        snprintf(out, CAO_PATH_MAX, "%s", dir);
    }
}

static int unknown_command(const char *name)
{
    size_t n;
    const struct cao_command *c = cao_command_all(&n);
    const char *names[64];
    for (size_t i = 0; i < n; i++)
        names[i] = c[i].name;
    size_t near = cao_text_nearest(name, names, n);
    return near == SIZE_MAX ? cao_say_usage(NULL, "'%s' is not a command", name)
                            : cao_say_usage(NULL, "'%s' is not a command; did you mean '%s'?", name,
                                            names[near]);
}

static char *whole_line(int argc, char **argv)
{
    struct cao_buf b = { 0 };
    for (int i = 0; i < argc; i++)
        cao_buf_add(&b, "%s%s", i ? " " : "", i ? argv[i] : cao_path_name(argv[i]));
    return b.text;
}

/* What was printed counts only once it has gone out: a full disk is found out here at the latest. */
static int end_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fputs("caochu: standard output cannot be written\n", stderr);
    return code == CAO_EXIT_DONE ? CAO_EXIT_FAILED : code;
}

static int dispatch(int argc, char **argv)
{
    struct cao_error err = { 0 };
    char data_dir[CAO_PATH_MAX] = "", cache_dir[CAO_PATH_MAX] = "";
    if (argc < 2) {
        cao_print_help(stderr);
        return CAO_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cao_print_help(stdout);
        return CAO_EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("caochu " CAO_VERSION);
        return CAO_EXIT_DONE;
    }
    const struct cao_command *c = cao_command_find(argv[1]);
    if (!c)
        return unknown_command(argv[1]);

    find_data(data_dir);
    find_cache(cache_dir);
    struct cao_line line = { .data_dir = data_dir, .cache_dir = cache_dir[0] ? cache_dir : NULL };
    char *text = whole_line(argc, argv);
    int code = CAO_EXIT_DONE;
    line.words = calloc((size_t)argc, sizeof *line.words);
    line.given = calloc((size_t)argc, sizeof *line.given);
    line.text = text;
    if (!line.words || !line.given) {
        code = cao_say_error(&err, CAO_ENOMEM);
    } else if (parse(argc, argv, c, &line, &code)) {
        enum cao_status st = cao_raster_setup(CACHE_MB, &err);
        code = st ? cao_say_error(&err, st) : c->run(c, &line);
        cao_raster_teardown();
    }
    free(line.words);
    free(line.given);
    free(text);
    return code;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a limit on file size is an error of the write, not the end */
    return end_output(dispatch(argc, argv));
}
