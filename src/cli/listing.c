/* SPDX-License-Identifier: MIT */
#include "cli/listing.h"

#include <json-c/json.h>
#include <stdlib.h>

#include "caochu/text.h"

void cao_listing_put(struct cao_listing *l, size_t column, const char *text)
{
    if (column == 0 && l->n_rows < CAO_LISTING_ROWS)
        l->n_rows++;
    if (l->n_rows > 0)
        l->cell[l->n_rows - 1][column] = cao_text_copy(text);
}

void cao_listing_release(struct cao_listing *l)
{
    for (size_t r = 0; r < l->n_rows; r++)
        for (size_t c = 0; c < l->n_columns; c++)
            free(l->cell[r][c]);
    free(l);
}

static const char *text_at(const struct cao_listing *l, size_t r, size_t c)
{
    return l->cell[r][c] ? l->cell[r][c] : "";
}

static const char *head(const struct cao_listing *l, size_t c)
{
    return l->shown[c] ? l->shown[c] : l->heading[c];
}

static void print_table(const struct cao_listing *l)
{
    size_t width[CAO_LISTING_COLUMNS] = { 0 };
    for (size_t c = 0; c < l->n_columns; c++) {
        width[c] = cao_text_columns(head(l, c));
        for (size_t r = 0; r < l->n_rows; r++) {
            size_t w = cao_text_columns(text_at(l, r, c));
            width[c] = w > width[c] ? w : width[c];
        }
    }
    for (size_t c = 0; c < l->n_columns; c++)
        cao_print_cell(stdout, head(l, c), width[c], c + 1 == l->n_columns);
    putchar('\n');
    for (size_t r = 0; r < l->n_rows; r++) {
        for (size_t c = 0; c < l->n_columns; c++)
            cao_print_cell(stdout, text_at(l, r, c), width[c], c + 1 == l->n_columns);
        putchar('\n');
    }
}

static void print_json(const struct cao_listing *l)
{
    json_object *list = json_object_new_array();
    for (size_t r = 0; r < l->n_rows; r++) {
        json_object *o = json_object_new_object();
        for (size_t c = 0; c < l->n_columns; c++)
            json_object_object_add(o, l->heading[c], json_object_new_string(text_at(l, r, c)));
        json_object_array_add(list, o);
    }
    puts(json_object_to_json_string_ext(list,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
}

void cao_listing_print(const struct cao_listing *l, bool json)
{
    if (json)
        print_json(l);
    else
        print_table(l);
}
