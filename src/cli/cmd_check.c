/* SPDX-License-Identifier: MIT
 * caochu check and caochu doctor. */
#include <json-c/json.h>

#include "caochu/check.h"
#include "cli/cli.h"

int cao_cmd_check(const struct cao_command *c, const struct cao_line *line)
{
    struct cao_check_counts counts = { 0 };
    struct cao_findings findings = { 0 };
    struct cao_error err = { 0 };
    enum cao_status st = CAO_OK;
    (void)c;
    for (size_t i = 0; !st && i < line->n_words; i++)
        st = cao_check(line->words[i], &counts, &findings, &err);
    for (size_t i = 0; i < findings.n; i++) {
        char text[2300];
        cao_finding_format(&findings.items[i], text, sizeof text);
        fprintf(stderr, "caochu: problem: %s (%s)\n", text, findings.items[i].code);
    }
    size_t n = findings.n_problems;
    cao_findings_release(&findings);
    if (st)
        return cao_say_error(&err, st);
    if (!line->quiet)
        printf(
            "%zu rasters, %.1f MB, in %zu tiles; %zu maps; %zu numbers of tables reckoned again: "
            "%zu problem%s\n",
            counts.n_files, (double)counts.bytes / 1048576, counts.n_tiles, counts.n_maps,
            counts.n_numbers, n, n == 1 ? "" : "s");
    return n ? CAO_EXIT_PARTIAL : CAO_EXIT_DONE;
}

int cao_cmd_doctor(const struct cao_command *c, const struct cao_line *line)
{
    static const char *const words[] = { "ok", "poor", "BAD" };
    struct cao_health lines[CAO_MOST_HEALTH];
    size_t n = cao_doctor(line->n_words ? line->words[0] : ".", line->data_dir, lines);
    json_object *list = json_object_new_array();
    int code = CAO_EXIT_DONE;
    (void)c;
    for (size_t i = 0; i < n; i++) {
        const struct cao_health *h = &lines[i];
        json_object *o = json_object_new_object();
        code = h->state == CAO_ILL ? CAO_EXIT_FAILED : code;
        json_object_object_add(o, "state", json_object_new_string(words[h->state]));
        json_object_object_add(o, "what", json_object_new_string(h->what));
        json_object_object_add(o, "text", json_object_new_string(h->text));
        json_object_array_add(list, o);
        if (!line->json)
            printf("%-5s %-11s %s\n", words[h->state], h->what, h->text);
    }
    if (line->json)
        puts(json_object_to_json_string_ext(list, JSON_C_TO_STRING_PRETTY |
                                                      JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
    return code;
}
