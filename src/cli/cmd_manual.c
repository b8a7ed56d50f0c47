/* SPDX-License-Identifier: MIT
 * The manual page and the bash completion, from the same tables as the program. */
#include <math.h>
#include <string.h>

#include "caochu/index.h"
#include "caochu/project.h"
#include "caochu/text.h"
#include "cli/cli.h"

/* Text for troff: a backslash, a leading dot or quote and hyphens mean something there. */
static void add_troff(struct cao_buf *b, const char *s)
{
    if (*s == '.' || *s == '\'')
        cao_buf_add(b, "\\&");
    for (; *s; s++) {
        if (*s == '\\')
            cao_buf_add(b, "\\e");
        else if (*s == '-')
            cao_buf_add(b, "\\-");
        else
            cao_buf_put(b, s, 1);
    }
}

static void add_commands(struct cao_buf *b)
{
    size_t n, n_options;
    const struct cao_command *c = cao_command_all(&n);
    const struct cao_option *o = cao_option_all(&n_options);
    cao_buf_add(b, ".SH COMMANDS\n");
    for (size_t i = 0; i < n; i++) {
        cao_buf_add(b, ".TP\n.B %s\n", c[i].name);
        cao_buf_add(b, ".I ");
        add_troff(b, c[i].arguments[0] ? c[i].arguments : " ");
        cao_buf_add(b, "\n.br\n");
        add_troff(b, c[i].summary);
        cao_buf_add(b, ".\n");
        if (c[i].detail[0]) {
            add_troff(b, c[i].detail);
            cao_buf_add(b, "\n");
        }
    }
    cao_buf_add(b, ".SH OPTIONS\n");
    for (size_t i = 0; i < n_options; i++) {
        cao_buf_add(b, ".TP\n.B ");
        if (o[i].letter)
            cao_buf_add(b, "\\-%c, ", o[i].letter);
        cao_buf_add(b, "\\-\\-%s %s\n", o[i].name, o[i].argument ? o[i].argument : "");
        add_troff(b, o[i].help);
        cao_buf_add(b, "; for");
        for (size_t k = 0; k < n; k++)
            if (cao_command_takes(&c[k], o[i].name))
                cao_buf_add(b, " %s", c[k].name);
        cao_buf_add(b, "\n");
    }
}

static void add_keys(struct cao_buf *b)
{
    const struct cao_key *k;
    cao_buf_add(b,
                ".SH PROJECT FILE\nYAML. Relative paths are relative to the project file. Keys:\n");
    for (size_t i = 0; (k = cao_project_key(i)) != NULL; i++) {
        cao_buf_add(b, ".TP\n.B ");
        add_troff(b, k->name);
        cao_buf_add(b, "\n");
        add_troff(b, k->help);
        cao_buf_add(b, " (%s", k->type);
        if (k->unit[0])
            cao_buf_add(b, ", %s", k->unit);
        if (k->choices && k->choices[0]) {
            cao_buf_add(b, ": ");
            add_troff(b, k->choices);
        }
        if (!isnan(k->min) || !isnan(k->max))
            cao_buf_add(b, ", %g to %g", k->min, k->max);
        cao_buf_add(b, k->fallback ? k->fallback[0] ? "; default " : "; may be left out"
                                   : "; required");
        if (k->fallback)
            add_troff(b, k->fallback);
        cao_buf_add(b, ")\n");
        if (k->source && k->source[0]) {
            cao_buf_add(b, "Source: ");
            add_troff(b, k->source);
            cao_buf_add(b, "\n");
        }
    }
}

static void add_indices(struct cao_buf *b)
{
    size_t n;
    const struct cao_index *ix = cao_index_all(&n);
    cao_buf_add(b, ".SH INDICES\n.ad l\n"); /* formulas are long words */
    for (size_t i = 0; i < n; i++) {
        cao_buf_add(b, ".TP\n.B ");
        add_troff(b, ix[i].name);
        cao_buf_add(b, "\n");
        add_troff(b, ix[i].formula);
        cao_buf_add(b, "; ");
        add_troff(b, ix[i].source);
        cao_buf_add(b, "\n");
    }
}

static void add_exits(struct cao_buf *b)
{
    size_t n;
    const struct cao_exit_row *e = cao_exit_all(&n);
    cao_buf_add(b, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < n; i++) {
        cao_buf_add(b, ".TP\n.B %d\n", e[i].code);
        add_troff(b, e[i].meaning);
        cao_buf_add(b, "\n");
    }
}

static int put(const struct cao_line *line, struct cao_buf *b)
{
    struct cao_error err = { 0 };
    int code = b->failed ? cao_say_error(&err, CAO_ENOMEM) : cao_put_output(line, b->text, b->n);
    cao_buf_release(b);
    return code;
}

int cao_cmd_man(const struct cao_command *c, const struct cao_line *line)
{
    (void)c;
    struct cao_buf b = { 0 };
    cao_buf_add(&b,
                ".TH CAOCHU 1 \"\" \"caochu " CAO_VERSION "\" \"User Commands\"\n"
                ".ad l\n" /* long words of options and keys leave nothing to adjust by */
                ".SH NAME\ncaochu \\- from satellite imagery to the grass\\-livestock balance of "
                "every pasture\n"
                ".SH SYNOPSIS\n.B caochu\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIARGUMENT\\fR...]\n"
                ".SH DESCRIPTION\n"
                "Ingests satellite imagery tiles, computes vegetation indices, grass yield, "
                "carrying capacity and the balance of each pasture, and writes GeoTIFFs and "
                "tables. Results go to standard output, everything else to standard error.\n");
    add_commands(&b);
    add_keys(&b);
    add_indices(&b);
    add_exits(&b);
    cao_buf_add(&b, ".SH ENVIRONMENT\n.TP\n.B CAOCHU_DATA\nfolder of the profiles, instead of the "
                    "installed one\n");
    return put(line, &b);
}

int cao_cmd_completion(const struct cao_command *c, const struct cao_line *line)
{
    (void)c;
    size_t n, n_options;
    const struct cao_command *all = cao_command_all(&n);
    const struct cao_option *o = cao_option_all(&n_options);
    struct cao_buf b = { 0 };
    cao_buf_add(&b, "# bash completion of caochu, printed by 'caochu completion'\n_caochu() {\n"
                    "    local word=${COMP_WORDS[COMP_CWORD]}\n    COMPREPLY=()\n"
                    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                    "        COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; i < n; i++)
        cao_buf_add(&b, "%s ", all[i].name);
    cao_buf_add(&b, "--help --version\" -- \"$word\"))\n        return\n    fi\n"
                    "    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < n; i++) {
        cao_buf_add(&b, "    %s)\n        case $word in\n        -*) COMPREPLY=($(compgen -W \"",
                    all[i].name);
        for (size_t k = 0; k < n_options; k++)
            if (cao_command_takes(&all[i], o[k].name))
                cao_buf_add(&b, "--%s ", o[k].name);
        cao_buf_add(&b, "\" -- \"$word\")) ;;\n");
        if (all[i].choices[0])
            cao_buf_add(&b, "        *) COMPREPLY=($(compgen -W \"%s\" -- \"$word\")) ;;\n",
                        all[i].choices);
        else
            cao_buf_add(&b, "        *) compopt -o default ;;\n");
        cao_buf_add(&b, "        esac ;;\n");
    }
    cao_buf_add(&b, "    esac\n}\ncomplete -F _caochu caochu\n");
    return put(line, &b);
}
