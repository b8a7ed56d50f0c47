/* SPDX-License-Identifier: MIT
 * Commands that print a text: template, profile, help. */
#include <stdlib.h>
#include <string.h>

#include "caochu/file.h"
#include "caochu/profile_file.h"
#include "caochu/project.h"
#include "cli/cli.h"

int cao_cmd_template(const struct cao_command *c, const struct cao_line *line)
{
    (void)c;
    struct cao_error err = { 0 };
    char *text = cao_project_template(line->chinese ? CAO_CHINESE : CAO_ENGLISH);
    if (!text)
        return cao_say_error(&err, CAO_ENOMEM);
    int code = cao_put_output(line, text, strlen(text));
    free(text);
    return code;
}

/* The file itself, comments and sources and all: what a user copies is what the program reads. With "show" the
 * whole set that it comes to. */
int cao_cmd_profile(const struct cao_command *c, const struct cao_line *line)
{
    struct cao_error err = { 0 };
    struct cao_profile profile = { 0 };
    char *text = NULL;
    size_t n = 0;
    if (line->n_words == 2 && strcmp(line->words[0], "show") != 0)
        return cao_say_usage(c, "profile: one NAME is wanted, not '%s'", line->words[0]);
    if (line->n_words == 1 && strcmp(line->words[0], "show") == 0)
        return cao_say_usage(c, "profile show: a NAME is wanted; see 'caochu list profiles'");
    bool whole = line->n_words == 2;
    const char *name = line->words[line->n_words - 1];
    enum cao_status st = cao_profile_load(name, ".", line->data_dir, "", &profile, &err);
    if (!st && whole)
        st = cao_profile_resolved(name, ".", line->data_dir, &text, &n, &err);
    else if (!st)
        st = cao_file_read(profile.path, 8u << 20, &text, &n, &err);
    int code = st ? cao_say_error(&err, st) : cao_put_output(line, text, n);
    free(text);
    cao_profile_release(&profile);
    return code;
}

int cao_cmd_help(const struct cao_command *c, const struct cao_line *line)
{
    if (line->n_words == 0) {
        cao_print_help(stdout);
        return CAO_EXIT_DONE;
    }
    const struct cao_command *asked = cao_command_find(line->words[0]);
    if (!asked)
        return cao_say_usage(c, "'%s' is not a command", line->words[0]);
    cao_print_command_help(stdout, asked);
    return CAO_EXIT_DONE;
}
