/* SPDX-License-Identifier: MIT */
#include "sensor/rpb.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "caochu/text.h"

static const struct field {
    const char *key;
    size_t offset;
    int n; /* numbers; 1 stands alone, more in brackets */
    bool is_scale;
} fields[] = {
    { "lineOffset", offsetof(struct cao_rpc, line_off), 1, false },
    { "sampOffset", offsetof(struct cao_rpc, samp_off), 1, false },
    { "latOffset", offsetof(struct cao_rpc, lat_off), 1, false },
    { "longOffset", offsetof(struct cao_rpc, long_off), 1, false },
    { "heightOffset", offsetof(struct cao_rpc, height_off), 1, false },
    { "lineScale", offsetof(struct cao_rpc, line_scale), 1, true },
    { "sampScale", offsetof(struct cao_rpc, samp_scale), 1, true },
    { "latScale", offsetof(struct cao_rpc, lat_scale), 1, true },
    { "longScale", offsetof(struct cao_rpc, long_scale), 1, true },
    { "heightScale", offsetof(struct cao_rpc, height_scale), 1, true },
    { "lineNumCoef", offsetof(struct cao_rpc, line_num), 20, false },
    { "lineDenCoef", offsetof(struct cao_rpc, line_den), 20, false },
    { "sampNumCoef", offsetof(struct cao_rpc, samp_num), 20, false },
    { "sampDenCoef", offsetof(struct cao_rpc, samp_den), 20, false },
};

static const char blanks[] = " \t\r\n";

static bool is_name(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Behind the equals sign of the key. */
static const char *value_of(const char *text, const char *key)
{
    size_t n = strlen(key);
    for (const char *at = text; (at = strstr(at, key)) != NULL; at += n) {
        const char *behind = at + n + strspn(at + n, blanks);
        if ((at == text || !is_name(at[-1])) && *behind == '=')
            return behind + 1;
    }
    return NULL;
}

/* The number up to one of @p ends, blanks around it taken off; *at is moved behind the end. */
static bool number_at(const char **at, const char *ends, double *v)
{
    char word[64];
    const char *begin = *at + strspn(*at, blanks);
    size_t n = strcspn(begin, ends);
    if (!begin[n])
        return false;
    *at = begin + n + 1;
    while (n && strchr(blanks, begin[n - 1]))
        n--;
    if (n == 0 || n >= sizeof word)
        return false;
    snprintf(word, sizeof word, "%.*s", (int)n, begin);
    return cao_text_double(word, v);
}

enum cao_status cao_rpb_parse(const char *text, const char *path, struct cao_rpc *rpc,
                              struct cao_error *err)
{
    struct cao_rpc made = { 0 };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const struct field *f = &fields[i];
        double *to = (double *)(void *)((char *)&made + f->offset);
        const char *at = value_of(text, f->key);
        if (!at)
            return cao_fail(err, CAO_EDATA, "%s: lacks %s; download the product again", path,
                            f->key);
        at += strspn(at, blanks);
        bool ok = f->n == 1 || *at == '(';
        at += f->n > 1 && ok;
        for (int k = 0; ok && k < f->n; k++)
            ok = number_at(&at, f->n == 1 ? ";" : k + 1 < f->n ? "," : ")", &to[k]);
        if (!ok || (f->is_scale && !(to[0] > 0)))
            return cao_fail(err, CAO_EDATA, "%s: %s is not %s; download the product again", path,
                            f->key,
                            f->n > 1      ? "a list of twenty numbers"
                            : f->is_scale ? "a number above 0"
                                          : "a number");
    }
    if (fabs(made.lat_off) > 90 || fabs(made.long_off) > 180)
        return cao_fail(err, CAO_EDATA, "%s: its place %g, %g is not on the earth", path,
                        made.long_off, made.lat_off);
    *rpc = made;
    return CAO_OK;
}
