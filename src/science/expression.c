/* SPDX-License-Identifier: MIT
 * From text to nodes (equal ones are one), from nodes to steps. expression_run.c runs them. */
#include "caochu/expression.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "caochu/elementary.h"
#include "caochu/text.h"
#include "science/expression_steps.h"

enum { MOST_NODES = 320, MOST_DEPTH = 60, NAME_BYTES = 32, NONE = -1 };
static const double least_divisor = 1e-6;

/* What a node computes, before it is decided how. */
enum kind {
    CONSTANT,
    BAND,
    ADD,
    SUB,
    MUL,
    DIV,
    POW,
    MIN,
    MAX,
    NEG,
    ABS,
    SQRT,
    EXP,
    LN,
    LOG10,
    TANH
};

struct node {
    enum kind kind;
    int a, b;      /* operands; of a BAND a is the band */
    double value;  /* of a CONSTANT */
    double kelvin; /* power of the unit; NaN: a number, which has any */
    int uses;
};

struct parser {
    const char *text, *at;
    const struct cao_constant *constants;
    size_t n_constants;
    uint32_t used; /* bit per constant */
    struct node node[MOST_NODES];
    int n, depth;
    enum cao_status st;
    struct cao_error *err;
};

static const struct function {
    const char *name;
    enum kind kind;
} functions[] = {
    { "sqrt", SQRT }, { "abs", ABS }, { "min", MIN },     { "max", MAX },
    { "exp", EXP },   { "ln", LN },   { "log10", LOG10 }, { "tanh", TANH },
};
enum { N_FUNCTIONS = sizeof functions / sizeof functions[0] };

/* --- messages --- */

/* The first error counts; the parser then runs out of text. */
CAO_PRINTF(3, 4)
static int fail_at(struct parser *p, const char *where, const char *fmt, ...)
{
    if (p->st)
        return NONE;
    char text[400];
    int column = 1;
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (const char *c = p->text; c < where; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80;
    p->st = cao_fail(p->err, CAO_EARG, "column %d: %s", column, text);
    return NONE;
}

/* One character, which may be several bytes. */
static int width_of(const char *at)
{
    int n = 1;
    while (at[0] && ((unsigned char)at[n] & 0xC0) == 0x80)
        n++;
    return n;
}

static void unknown_name(struct parser *p, const char *where, const char *name)
{
    static const struct {
        const char *word, *band;
    } words[] = {
        { "nir", "N" },    { "red", "R" },    { "green", "G" },      { "blue", "B" },
        { "yellow", "Y" }, { "swir1", "S1" }, { "swir2", "S2" },     { "swir", "S1" },
        { "nir2", "N2" },  { "T", "T1" },     { "rededge1", "RE1" }, { "log", "ln or log10" },
    };
    enum { N_WORDS = sizeof words / sizeof words[0] };
    const char *known[CAO_N_BANDS + N_FUNCTIONS + CAO_EXPRESSION_CONSTANTS], *near = NULL;
    size_t n = 0;
    for (size_t i = 0; i < N_WORDS && !near; i++)
        near = cao_text_same(name, words[i].word) ? words[i].band : NULL;
    for (int b = 0; b < CAO_N_BANDS; b++)
        if (!cao_band_is_ready((enum cao_band)b))
            known[n++] = cao_band_letter((enum cao_band)b);
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        known[n++] = functions[i].name;
    for (size_t i = 0; i < p->n_constants; i++)
        known[n++] = p->constants[i].name;
    for (size_t i = 0; i < n && !near; i++)
        near = cao_text_same(name, known[i]) ? known[i] : NULL;
    bool numbered = toupper((unsigned char)name[0]) == 'B' && isdigit((unsigned char)name[1]);
    size_t best = near || !name[1] || numbered ? SIZE_MAX : cao_text_nearest(name, known, n);
    near = best == SIZE_MAX ? near : known[best];
    struct cao_error of_index = { 0 };
    const struct cao_index *ix;
    const char *meant = NULL;
    if (!near && name[1] && !numbered && cao_index_find(name, &ix, &of_index))
        meant = strstr(of_index.text, "did you mean ");
    if (meant) { /* an index that is spelt wrong */
        fail_at(p, where, "'%s' is no band, constant, function or index; %.*s?", name,
                (int)strcspn(meant, ";"), meant);
        return;
    }
    fail_at(
        p, where,
        "'%s' is no band, constant, function or index%s%s%s; bands are A B G Y R RE1 RE2 RE3 N N2 "
        "WV S1 S2 T1%s",
        name, near ? "; did you mean " : "", near ? near : "", near ? "?" : "",
        numbered ? ", whatever number a sensor gives them" : "");
}

/* --- nodes --- */

static bool is_constant(const struct parser *p, int i)
{
    return i >= 0 && p->node[i].kind == CONSTANT;
}

static int add_node(struct parser *p, const char *where, struct node made)
{
    if (p->st)
        return NONE;
    for (int i = 0; i < p->n; i++) {
        const struct node *x = &p->node[i];
        if (x->kind == made.kind && x->a == made.a && x->b == made.b &&
            memcmp((const void *)&x->value, (const void *)&made.value, sizeof made.value) == 0)
            return i;
    }
    if (p->n == MOST_NODES)
        return fail_at(p, where, "the expression is too long");
    p->node[p->n] = made;
    return p->n++;
}

static int number(struct parser *p, const char *where, double v)
{
    if (!isfinite(v) || fabs(v) > 1e30)
        return fail_at(p, where, "a constant part of the expression is not a number");
    return add_node(p, where, (struct node){ CONSTANT, NONE, NONE, v, (double)NAN, 0 });
}

/* No function of the C library's: a constant is the same on every machine too. */
static double folded(enum kind kind, double a, double b)
{
    float x = (float)a, y = (float)b, v;
    switch (kind) {
    case ADD:
        return a + b;
    case SUB:
        return a - b;
    case MUL:
        return a * b;
    case DIV:
        return a / b;
    case MIN:
        return a < b ? a : b;
    case MAX:
        return a > b ? a : b;
    case NEG:
        return -a;
    case ABS:
        return fabs(a);
    case SQRT:
        return sqrt(a);
    case POW:
        cao_power(&x, &y, &v, 1);
        return (double)v;
    case EXP:
        cao_exp(&x, &v, 1);
        return (double)v;
    case LN:
        cao_ln(&x, &v, 1);
        return (double)v;
    case LOG10:
        cao_log10(&x, &v, 1);
        return (double)v;
    case TANH:
        cao_tanh(&x, &v, 1);
        return (double)v;
    case CONSTANT:
    case BAND:
        break;
    }
    return (double)NAN;
}

/* The unit that comes out, as a power of the kelvin; reflectance has none. */
static double kelvin_of(struct parser *p, const char *where, enum kind kind, int a, int b)
{
    double x = p->node[a].kelvin, y = b >= 0 ? p->node[b].kelvin : (double)NAN;
    double x0 = isnan(x) ? 0 : x, y0 = isnan(y) ? 0 : y;
    switch (kind) {
    case ADD:
    case SUB:
    case MIN:
    case MAX:
        if (!isnan(x) && !isnan(y) && x != y)
            fail_at(p, where, "the two sides have different units: kelvin and reflectance");
        return isnan(x) ? y : x;
    case MUL:
    case DIV:
        if (x0 + y0 != 0 && (isnan(x) || isnan(y)))
            return (double)NAN; /* the number may have a unit of its own: T1/300 */
        return kind == MUL ? x0 + y0 : x0 - y0;
    case SQRT:
        return x0 / 2;
    case POW:
        if (x0 != 0 && is_constant(p, b))
            return x0 * p->node[b].value;
        if (x0 != 0 || y0 != 0)
            fail_at(p, where, "a power with kelvins in it has no unit");
        return 0;
    case EXP:
    case LN:
    case LOG10:
    case TANH:
        if (x0 != 0)
            fail_at(p, where, "this function takes a number without unit, not kelvins");
        return 0;
    default:
        return x;
    }
}

static int make(struct parser *p, const char *where, enum kind kind, int a, int b);

/* Small whole powers are multiplications, a half is a root. */
static int make_power(struct parser *p, const char *where, int a, double e)
{
    double size = fabs(e);
    int whole = size <= 8 && size == floor(size) ? (int)size : 0, r = a;
    if (e == 0)
        return number(p, where, 1);
    if (size == 0.5)
        r = make(p, where, SQRT, a, NONE);
    else if (whole == 0)
        return NONE;
    for (int k = 1; k < whole; k++)
        r = k == 2 && whole == 4   ? make(p, where, MUL, r, r)
            : k == 3 && whole == 4 ? r
                                   : make(p, where, MUL, r, a);
    return e < 0 ? make(p, where, DIV, number(p, where, 1), r) : r;
}

static int make(struct parser *p, const char *where, enum kind kind, int a, int b)
{
    bool two = kind >= ADD && kind <= MAX;
    if (p->st || a < 0 || (two && b < 0))
        return NONE;
    if (kind == DIV && is_constant(p, b) && fabs(p->node[b].value) < least_divisor)
        return fail_at(p, where, "division by a constant zero (%g)", p->node[b].value);
    if (is_constant(p, a) && (!two || is_constant(p, b)))
        return number(p, where, folded(kind, p->node[a].value, two ? p->node[b].value : 0));
    if (kind == SUB && a == b)
        return number(p, where, 0);
    double kelvin = kelvin_of(p, where, kind, a, b);
    if (p->st)
        return NONE;
    if (kind == POW && is_constant(p, b)) {
        int r = make_power(p, where, a, p->node[b].value);
        if (r >= 0 || p->st)
            return r;
    }
    if ((kind == ADD || kind == MUL) && is_constant(p, a)) { /* 2*x is x*2 to the bit */
        int swap = a;
        a = b;
        b = swap;
    }
    return add_node(p, where, (struct node){ kind, a, two ? b : NONE, 0, kelvin, 0 });
}

/* --- the grammar --- */

static int sum(struct parser *p);

static char peek(struct parser *p)
{
    if (p->st)
        return '\0';
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r')
        p->at++;
    return *p->at;
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_letter_or_digit(char c)
{
    return is_letter(c) || isdigit((unsigned char)c);
}

static int parse_number(struct parser *p)
{
    const char *from = p->at, *end = from;
    char digits[64];
    double v;
    while (isdigit((unsigned char)*end) || *end == '.')
        end++;
    if (*end == 'e' || *end == 'E') {
        const char *e = end + 1;
        e += *e == '+' || *e == '-';
        if (isdigit((unsigned char)*e)) {
            while (isdigit((unsigned char)*e))
                e++;
            end = e;
        }
    }
    size_t n = (size_t)(end - from);
    memcpy(digits, from, n < sizeof digits ? n : sizeof digits - 1);
    digits[n < sizeof digits ? n : sizeof digits - 1] = '\0';
    if (n >= sizeof digits || !cao_text_double(digits, &v))
        return fail_at(p, from, "'%s' is not a number", digits);
    p->at = end;
    return number(p, from, v);
}

static int parse_call(struct parser *p, const char *where, const struct function *f)
{
    bool many = f->kind == MIN || f->kind == MAX;
    p->at++; /* '(' */
    int r = sum(p), n = 1;
    for (; peek(p) == ','; n++) {
        p->at++;
        int next = sum(p);
        r = many ? make(p, where, f->kind, r, next) : r;
    }
    if (peek(p) != ')')
        return fail_at(p, p->at, "a ')' is missing after %s(...", f->name);
    p->at++;
    if (many ? n < 2 : n != 1)
        return fail_at(p, where, "%s takes %s", f->name, many ? "two values or more" : "one value");
    return many ? r : make(p, where, f->kind, r, NONE);
}

/* The formula of an index of the table stands in place of its name. */
static int parse_index(struct parser *p, const struct cao_index *ix)
{
    const char *text = p->text, *at = p->at;
    p->text = p->at = ix->formula;
    int r = sum(p);
    p->text = text;
    p->at = at;
    return r;
}

static int parse_name(struct parser *p)
{
    char name[NAME_BYTES];
    const char *from = p->at;
    size_t n = 0;
    enum cao_band b;
    const struct cao_index *ix;
    while (is_letter_or_digit(from[n]))
        n++;
    if (n >= sizeof name)
        return fail_at(p, from, "the name is too long");
    memcpy(name, from, n);
    name[n] = '\0';
    p->at += n;
    bool call = peek(p) == '(';
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        if (strcmp(name, functions[i].name) == 0)
            return call ? parse_call(p, from, &functions[i])
                        : fail_at(p, from, "'(' is wanted after the function %s", name);
    for (size_t i = 0; i < p->n_constants; i++)
        if (strcmp(name, p->constants[i].name) == 0) {
            p->used |= UINT32_C(1) << i;
            return number(p, from, p->constants[i].value);
        }
    if (cao_band_find(name, &b))
        return add_node(p, from,
                        (struct node){ BAND, (int)b, NONE, 0, b == CAO_BAND_T1 ? 1.0 : 0.0, 0 });
    if (!call && cao_index_find(name, &ix, NULL) == CAO_OK)
        return parse_index(p, ix);
    unknown_name(p, from, name);
    return NONE;
}

static int atom(struct parser *p)
{
    char c = peek(p);
    if (p->st)
        return NONE;
    if (isdigit((unsigned char)c) || c == '.')
        return parse_number(p);
    if (is_letter(c))
        return parse_name(p);
    if (c == '(') {
        const char *open = p->at++;
        int r = sum(p);
        if (peek(p) != ')')
            return fail_at(p, p->at, "a ')' is missing for the '(' before '%.12s'", open + 1);
        p->at++;
        return r;
    }
    if (c == '\0')
        return fail_at(p, p->at, "the expression ends where a value is wanted");
    return fail_at(p, p->at, "'%.*s' where a value is wanted", width_of(p->at), p->at);
}

static int unary(struct parser *p);

static int power(struct parser *p)
{
    int r = atom(p);
    char c = peek(p);
    if (c == '^' || (c == '*' && p->at[1] == '*')) {
        const char *where = p->at;
        p->at += c == '^' ? 1 : 2;
        r = make(p, where, POW, r, unary(p));
    }
    return r;
}

static int unary(struct parser *p)
{
    char c = peek(p);
    if (++p->depth > MOST_DEPTH)
        return fail_at(p, p->at, "the expression is nested too deep");
    int r;
    if (c == '-' || c == '+') {
        const char *where = p->at++;
        r = unary(p);
        r = c == '-' ? make(p, where, NEG, r, NONE) : r;
    } else {
        r = power(p);
    }
    p->depth--;
    return r;
}

static int product(struct parser *p)
{
    int r = unary(p);
    for (char c = peek(p); (c == '*' && p->at[1] != '*') || c == '/'; c = peek(p)) {
        const char *where = p->at++;
        r = make(p, where, c == '*' ? MUL : DIV, r, unary(p));
    }
    return r;
}

static int sum(struct parser *p)
{
    int r = product(p);
    for (char c = peek(p); c == '+' || c == '-'; c = peek(p)) {
        const char *where = p->at++;
        r = make(p, where, c == '+' ? ADD : SUB, r, product(p));
    }
    return r;
}

/* --- from nodes to steps --- */

struct emitter {
    const struct parser *p;
    struct cao_program *out;
    int place[MOST_NODES]; /* register or band of a node; NONE: not yet */
    int left[MOST_NODES];  /* uses still to come */
    uint32_t taken;        /* registers */
    bool full;
};

static uint8_t take_register(struct emitter *e)
{
    for (int r = 0; r < CAO_PROGRAM_REGISTERS; r++)
        if (!(e->taken & UINT32_C(1) << r)) {
            e->taken |= UINT32_C(1) << r;
            return (uint8_t)r;
        }
    e->full = true;
    return 0;
}

static void done_with(struct emitter *e, int node)
{
    if (node >= 0 && --e->left[node] == 0 && e->place[node] >= 0 &&
        e->place[node] < CAO_PROGRAM_REGISTERS)
        e->taken &= ~(UINT32_C(1) << e->place[node]);
}

/* A step's target is never one of its sources: loops over rows that do not overlap vectorise. */
static void emit(struct emitter *e, int node, enum cao_op op, int a, int b, double k)
{
    if (e->out->n == CAO_PROGRAM_STEPS) {
        e->full = true;
        return;
    }
    uint8_t to = take_register(e);
    e->out->steps[e->out->n++] =
        (struct cao_program_step){ (uint8_t)op, to, (uint8_t)(a >= 0 ? e->place[a] : 0),
                                   (uint8_t)(b >= 0 ? e->place[b] : 0), (float)k };
    e->place[node] = to;
    done_with(e, a);
    done_with(e, b);
}

/* A number in a register, for the steps that take none beside them. */
static void need_register(struct emitter *e, int node)
{
    if (e->p->node[node].kind == CONSTANT && e->place[node] < 0)
        emit(e, node, CAO_OP_SET, NONE, NONE, e->p->node[node].value);
}

/* x * k that nothing else uses, so that it can go into the sum that does. */
static bool is_scaled(const struct parser *p, int i)
{
    return p->node[i].kind == MUL && p->node[i].uses == 1 && is_constant(p, p->node[i].b) &&
           !is_constant(p, p->node[i].a);
}

static bool goes_into_sum(const struct parser *p, int i, int *scaled, int *other)
{
    const struct node *x = &p->node[i];
    if ((x->kind != ADD && x->kind != SUB) || is_constant(p, x->a) || is_constant(p, x->b))
        return false;
    bool second = is_scaled(p, x->b);
    *scaled = second ? x->b : x->a;
    *other = second ? x->a : x->b;
    return second || (x->kind == ADD && is_scaled(p, x->a));
}

static void emit_two(struct emitter *e, int i, enum cao_op op, enum cao_op with_number,
                     enum cao_op number_with)
{
    const struct node *x = &e->p->node[i];
    if (is_constant(e->p, x->b))
        emit(e, i, with_number, x->a, NONE, e->p->node[x->b].value);
    else if (is_constant(e->p, x->a))
        emit(e, i, number_with, x->b, NONE, e->p->node[x->a].value);
    else
        emit(e, i, op, x->a, x->b, 0);
}

static void emit_node(struct emitter *e, int i)
{
    const struct parser *p = e->p;
    const struct node *x = &p->node[i];
    int scaled, other;
    switch (x->kind) {
    case CONSTANT:
        break;
    case BAND:
        e->place[i] = CAO_PROGRAM_REGISTERS + x->a;
        break;
    case ADD:
    case SUB:
        if (goes_into_sum(p, i, &scaled, &other)) {
            double k = p->node[p->node[scaled].b].value;
            emit(e, i, CAO_OP_ADD_SCALED, other, p->node[scaled].a, x->kind == ADD ? k : -k);
        } else if (x->kind == SUB && is_constant(p, x->b)) {
            emit(e, i, CAO_OP_ADD_K, x->a, NONE, -p->node[x->b].value);
        } else {
            emit_two(e, i, x->kind == ADD ? CAO_OP_ADD : CAO_OP_SUB, CAO_OP_ADD_K, CAO_OP_K_SUB);
        }
        break;
    case MUL:
        emit_two(e, i, CAO_OP_MUL, CAO_OP_MUL_K, CAO_OP_MUL_K);
        break;
    case DIV:
        emit_two(e, i, CAO_OP_DIV, CAO_OP_DIV_K, CAO_OP_K_DIV);
        break;
    case MIN:
        emit_two(e, i, CAO_OP_MIN, CAO_OP_MIN_K, CAO_OP_MIN_K);
        break;
    case MAX:
        emit_two(e, i, CAO_OP_MAX, CAO_OP_MAX_K, CAO_OP_MAX_K);
        break;
    case POW:
        need_register(e, x->a);
        need_register(e, x->b);
        emit(e, i, CAO_OP_POW, x->a, x->b, 0);
        break;
    case NEG:
    case ABS:
    case SQRT:
    case EXP:
    case LN:
    case LOG10:
    case TANH:
        emit(e, i, (enum cao_op)(CAO_OP_NEG + (x->kind - NEG)), x->a, NONE, 0);
        break;
    }
}

/* Count who uses a node; nodes stand behind those that they use. */
static void count_uses(struct parser *p, int root)
{
    p->node[root].uses = 1;
    for (int i = root; i >= 0; i--) {
        const struct node *x = &p->node[i];
        if (x->uses == 0 || x->kind == BAND || x->kind == CONSTANT)
            continue;
        p->node[x->a].uses++;
        if (x->b >= 0)
            p->node[x->b].uses++;
    }
}

static bool write_steps(struct parser *p, int root, struct cao_program *out)
{
    struct emitter e = { .p = p, .out = out };
    bool skip[MOST_NODES] = { false };
    count_uses(p, root);
    for (int i = 0; i <= root; i++) {
        int scaled, other;
        e.place[i] = NONE;
        e.left[i] = p->node[i].uses;
        if (p->node[i].uses && goes_into_sum(p, i, &scaled, &other))
            skip[scaled] = true;
    }
    for (int i = 0; i < p->n; i++) /* all that are named, needed in the end or not */
        if (p->node[i].kind == BAND)
            out->needs |= CAO_BAND_BIT(p->node[i].a);
    for (int i = 0; i <= root && !e.full; i++)
        if (p->node[i].uses && !skip[i])
            emit_node(&e, i);
    out->result = (uint8_t)e.place[root];
    out->kelvin = p->node[root].kelvin;
    return !e.full;
}

static enum cao_status check_constants(const struct cao_constant *constants, size_t n,
                                       struct cao_error *err)
{
    if (n > CAO_EXPRESSION_CONSTANTS)
        return cao_fail(err, CAO_EARG, "more than %d constants", CAO_EXPRESSION_CONSTANTS);
    for (size_t i = 0; i < n; i++) {
        const char *name = constants[i].name, *c = name;
        enum cao_band b;
        while (is_letter_or_digit(*c))
            c++;
        if (*c || !is_letter(name[0]) || strlen(name) >= NAME_BYTES)
            return cao_fail(err, CAO_EARG,
                            "'%.40s' cannot be the name of a constant: a letter, then letters, "
                            "digits or '_'",
                            name);
        bool taken = cao_band_find(name, &b);
        for (size_t k = 0; k < N_FUNCTIONS; k++)
            taken = taken || strcmp(name, functions[k].name) == 0;
        if (taken)
            return cao_fail(err, CAO_EARG, "the constant %s has the name of a band or function",
                            name);
        if (!isfinite(constants[i].value))
            return cao_fail(err, CAO_EARG, "the constant %s is not a number", name);
    }
    return CAO_OK;
}

enum cao_status cao_expression_compile(const char *text, const struct cao_constant *constants,
                                       size_t n, struct cao_program *program, struct cao_error *err)
{
    struct parser p = {
        .text = text, .at = text, .constants = constants, .n_constants = n, .err = err
    };
    struct cao_program made = { 0 };
    enum cao_status st = check_constants(constants, n, err);
    if (st)
        return st;
    if (strlen(text) > CAO_EXPRESSION_BYTES)
        return cao_fail(err, CAO_EARG, "the expression is longer than %d bytes",
                        CAO_EXPRESSION_BYTES);
    int root = sum(&p);
    char c = peek(&p);
    if (is_letter_or_digit(c) || c == '(' || c == '.')
        fail_at(&p, p.at, "a sign such as '*' is missing before '%.12s'", p.at);
    else if (c)
        fail_at(&p, p.at, "'%.*s' cannot stand here", width_of(p.at), p.at);
    if (p.st)
        return p.st;
    for (size_t i = 0; i < n; i++)
        if (!(p.used & UINT32_C(1) << i))
            return cao_fail(err, CAO_EARG, "the constant %s is not in the expression",
                            constants[i].name);
    if (is_constant(&p, root))
        return cao_fail(err, CAO_EARG, "the expression is the number %g: no band is in it",
                        p.node[root].value);
    if (!write_steps(&p, root, &made))
        return cao_fail(err, CAO_EARG,
                        "the expression takes more than %d steps or %d intermediate results at a "
                        "time: write it simpler",
                        CAO_PROGRAM_STEPS, CAO_PROGRAM_REGISTERS);
    *program = made;
    return CAO_OK;
}
