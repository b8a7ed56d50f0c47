/* SPDX-License-Identifier: MIT */
#include "caochu/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caochu/text.h"

enum cao_status cao_table_init(struct cao_table *t, const struct cao_column *columns,
                               size_t n_columns, size_t n_rows, struct cao_error *err)
{
    struct cao_table made = { .n_columns = n_columns, .n_rows = n_rows };
    made.columns = calloc(n_columns ? n_columns : 1, sizeof *made.columns);
    if (n_columns == 0 || n_rows <= SIZE_MAX / sizeof *made.cells / n_columns)
        made.cells = calloc(n_rows * n_columns + 1, sizeof *made.cells);
    if (!made.columns || !made.cells) {
        free(made.columns);
        free(made.cells);
        return cao_fail(err, CAO_ENOMEM, "out of memory for a table of %zu rows", n_rows);
    }
    memcpy(made.columns, columns, n_columns * sizeof *columns);
    *t = made;
    return CAO_OK;
}

static struct cao_value *cell(const struct cao_table *t, size_t row, size_t column)
{
    return &t->cells[row * t->n_columns + column];
}

void cao_table_set_number(struct cao_table *t, size_t row, size_t column, double v)
{
    struct cao_value *c = cell(t, row, column);
    c->set = isfinite(v);
    c->number = c->set ? v : 0;
}

enum cao_status cao_table_set_text(struct cao_table *t, size_t row, size_t column, const char *text,
                                   struct cao_error *err)
{
    char *copy = cao_text_copy(text ? text : "");
    if (!copy)
        return cao_fail(err, CAO_ENOMEM, "out of memory for a table");
    struct cao_value *c = cell(t, row, column);
    free(c->text);
    c->text = copy;
    c->set = text != NULL;
    return CAO_OK;
}

static void format_shortest(double v, char *text, size_t size)
{
    for (int digits = 15; digits <= 17; digits++) { /* %g leaves zeros at the end out */
        snprintf(text, size, "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            return;
    }
}

/* What printf would write, where the number times a power of ten is surely not near a half. */
static bool format_quick(double v, int decimals, char *text, size_t size)
{
    static const double power[] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6 };
    enum { MOST = sizeof power / sizeof power[0] - 1, ROOM = 24 };
    if (decimals < 0 || decimals > MOST || size < ROOM || !(fabs(v) < 1e11 / power[decimals]))
        return false;
    double scaled = fabs(v) * power[decimals], whole = floor(scaled), rest = scaled - whole;
    if (fabs(rest - 0.5) < 1e-3) /* the product is within 1e-5 of the truth */
        return false;
    uint64_t n = (uint64_t)whole + (rest > 0.5);
    char back[ROOM];
    int k = 0;
    bool minus = v < 0 && n > 0; /* no "-0.00" */
    for (int digits = 0; digits <= decimals || n > 0; digits++, n /= 10) {
        if (digits == decimals && decimals > 0)
            back[k++] = '.';
        back[k++] = (char)('0' + n % 10);
    }
    if (minus)
        back[k++] = '-';
    for (int i = 0; i < k; i++)
        text[i] = back[k - 1 - i];
    text[k] = '\0';
    return true;
}

void cao_table_format(const struct cao_table *t, size_t row, size_t column, char *text, size_t size)
{
    const struct cao_value *c = cell(t, row, column);
    const struct cao_column *col = &t->columns[column];
    if (!c->set) {
        text[0] = '\0';
    } else if (col->type == CAO_CELL_TEXT) {
        snprintf(text, size, "%s", c->text);
    } else if (col->type == CAO_CELL_REAL && col->decimals == CAO_SHORTEST) {
        format_shortest(c->number + 0.0, text, size);
    } else {
        /* printf rounds exact halves to even; people round them away from zero. Only halves that a
         * double holds exactly differ, and for those the nudge by one ulp decides. */
        double v = c->number;
        int decimals = col->type == CAO_CELL_INT ? 0 : col->decimals;
        if (format_quick(v, decimals, text, size))
            return;
        snprintf(text, size, "%.*f", decimals, nextafter(v, v < 0 ? -HUGE_VAL : HUGE_VAL));
        if (text[0] == '-' && strtod(text, NULL) == 0)
            memmove(text, text + 1, strlen(text)); /* no "-0.00" */
    }
}

static void put_field(struct cao_buf *b, const char *s)
{
    if (!strpbrk(s, "\",\r\n") && s[0] != ' ' && (!s[0] || s[strlen(s) - 1] != ' ')) {
        cao_buf_put(b, s, strlen(s));
        return;
    }
    cao_buf_put(b, "\"", 1);
    for (; *s; s++)
        cao_buf_put(b, *s == '"' ? "\"\"" : s, *s == '"' ? 2 : 1);
    cao_buf_put(b, "\"", 1);
}

enum cao_status cao_table_csv(const struct cao_table *t, bool chinese, char **out, size_t *size,
                              struct cao_error *err)
{
    struct cao_buf b = { 0 };
    cao_buf_put(&b, "\xEF\xBB\xBF", 3);
    for (size_t c = 0; c < t->n_columns; c++) {
        cao_buf_put(&b, ",", c > 0);
        put_field(&b, chinese ? t->columns[c].zh : t->columns[c].name);
    }
    cao_buf_put(&b, "\r\n", 2);
    for (size_t r = 0; r < t->n_rows; r++) {
        for (size_t c = 0; c < t->n_columns; c++) {
            const struct cao_value *v = cell(t, r, c);
            char text[400];
            cao_buf_put(&b, ",", c > 0);
            if (v->set && t->columns[c].type == CAO_CELL_TEXT) {
                put_field(&b, v->text);
            } else {
                cao_table_format(t, r, c, text, sizeof text);
                put_field(&b, text);
            }
        }
        cao_buf_put(&b, "\r\n", 2);
    }
    if (b.failed) {
        cao_buf_release(&b);
        return cao_fail(err, CAO_ENOMEM, "out of memory for a table of %zu rows", t->n_rows);
    }
    *out = b.text;
    *size = b.n;
    return CAO_OK;
}

void cao_table_release(struct cao_table *t)
{
    for (size_t i = 0; i < t->n_rows * t->n_columns; i++)
        free(t->cells[i].text);
    free(t->cells);
    free(t->columns);
    *t = (struct cao_table){ 0 };
}
