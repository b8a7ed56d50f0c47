/** @file cli/cli.h  The commands: one table drives dispatch, help, manual and completion.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_CLI_H
#define CAO_CLI_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "caochu/status.h"

struct cao_exit_row {
    int code;
    const char *meaning;
};

/** An option, shared by the commands that name it. */
struct cao_option {
    char letter;          /**< 0: none */
    const char *name;     /**< without "--" */
    const char *argument; /**< NULL: a switch */
    const char *help;
};

struct cao_given {
    const char *name, *value; /**< value NULL: a switch */
};

/** The command line, parsed; owned by main. */
struct cao_line {
    char **words;
    size_t n_words; /**< after the command */
    int jobs;       /**< 0: all processors */
    bool json, quiet, verbose, strict, again, chinese;
    const char *output;      /**< -o FILE; NULL: stdout */
    const char *data_dir;    /**< where profiles are installed */
    const char *cache_dir;   /**< where scans are remembered; NULL: nowhere */
    const char *text;        /**< the whole line as typed */
    struct cao_given *given; /**< options without a field above, in the order given */
    size_t n_given;
};

/** The last value given for such an option ("" for a switch), or NULL. */
const char *cao_line_value(const struct cao_line *line, const char *option);
/** All its values into @p values (n_given large); returns how many. */
size_t cao_line_values(const struct cao_line *line, const char *option, const char **values);

struct cao_command {
    const char *name;
    const char *arguments; /**< as shown: "PROJECT.yaml" */
    const char *summary;   /**< one line */
    const char *detail;    /**< a paragraph or more; "" none */
    const char *options;   /**< names of its options, separated by blanks */
    const char *choices;   /**< fixed words for the first argument, for completion; "" files */
    size_t least, most;    /**< number of words after the command */
    int (*run)(const struct cao_command *c, const struct cao_line *line);
};

/* commands.c */
const struct cao_command *cao_command_all(size_t *n);
const struct cao_command *cao_command_find(const char *name);
const struct cao_option *cao_option_all(size_t *n);
bool cao_command_takes(const struct cao_command *c, const char *option);
const struct cao_exit_row *cao_exit_all(size_t *n);

/* say.c: words for people */
/** Print "caochu: TEXT" to stderr and return the exit code of the status. */
int cao_say_error(const struct cao_error *err, enum cao_status st);
/** Print the text and how to get help to stderr; returns CAO_EXIT_USAGE. */
CAO_PRINTF(2, 3) int cao_say_usage(const struct cao_command *c, const char *fmt, ...);
void cao_print_help(FILE *to);
void cao_print_command_help(FILE *to, const struct cao_command *c);
/** A text padded to @p columns terminal columns (wide characters count two). */
void cao_print_cell(FILE *to, const char *text, size_t columns, bool last);
/** Write a text to line->output atomically, or to stdout. */
int cao_put_output(const struct cao_line *line, const char *text, size_t n);

/* cmd_*.c */
int cao_cmd_run(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_plan(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_fvc_baseline(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_explain(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_balance(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_calibrate(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_check(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_doctor(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_zonal(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_scan(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_template(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_list(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_profile(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_man(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_completion(const struct cao_command *c, const struct cao_line *line);
int cao_cmd_help(const struct cao_command *c, const struct cao_line *line);
#endif
