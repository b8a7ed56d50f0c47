/* SPDX-License-Identifier: MIT */
#include "caochu/scatter.h"

#include <math.h>

enum { WIDTH = 560, HEIGHT = 420, LEFT = 70, RIGHT = 16, TOP = 44, BOTTOM = 52, HEAD = 44 };

/* Okabe & Ito 2008: told apart with any colour vision. */
static const char *const colours[] = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00" };

static void put_text(struct cao_buf *out, const char *text)
{
    for (const char *s = text; *s; s++) {
        if (*s == '<')
            cao_buf_add(out, "&lt;");
        else if (*s == '>')
            cao_buf_add(out, "&gt;");
        else if (*s == '&')
            cao_buf_add(out, "&amp;");
        else
            cao_buf_put(out, s, 1);
    }
}

/* A round step for some five ticks: 1, 2 or 5 times a power of ten. */
static double step_of(double range)
{
    double rough = range / 5, power = pow(10, floor(log10(rough))), m = rough / power;
    return power * (m < 1.5 ? 1 : m < 3.5 ? 2 : m < 7.5 ? 5 : 10);
}

struct axis {
    double min, max, step;
};

static struct axis axis_of(const double *v, size_t n, bool from_zero)
{
    double min = HUGE_VAL, max = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        min = v[i] < min ? v[i] : min;
        max = v[i] > max ? v[i] : max;
    }
    if (n == 0)
        min = max = 0;
    if (from_zero)
        min = min > 0 ? 0 : min;
    if (!(max > min))
        max = min + 1;
    struct axis a = { .step = step_of(max - min) };
    a.min = floor(min / a.step) * a.step;
    a.max = ceil(max / a.step) * a.step;
    return a;
}

struct frame {
    struct axis x, y;
    double left, top; /* of the panel */
};

static double at_x(const struct frame *f, double x)
{
    return f->left + LEFT + (x - f->x.min) / (f->x.max - f->x.min) * (WIDTH - LEFT - RIGHT);
}

static double at_y(const struct frame *f, double y)
{
    return f->top + HEIGHT - BOTTOM -
           (y - f->y.min) / (f->y.max - f->y.min) * (HEIGHT - TOP - BOTTOM);
}

static void put_axes(struct cao_buf *out, const struct frame *f, const char *x_label,
                     const char *y_label)
{
    double left = at_x(f, f->x.min), right = at_x(f, f->x.max), bottom = at_y(f, f->y.min),
           top = at_y(f, f->y.max);
    int n_x = (int)lround((f->x.max - f->x.min) / f->x.step),
        n_y = (int)lround((f->y.max - f->y.min) / f->y.step);
    for (int i = 0; i <= n_x; i++) {
        double v = f->x.min + i * f->x.step, x = at_x(f, v);
        cao_buf_add(out, "<path class=\"g\" d=\"M%.1f %.1fV%.1f\"/>", x, bottom, top);
        cao_buf_add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%g</text>\n", x,
                    bottom + 18, fabs(v) < 1e-9 ? 0 : v);
    }
    for (int i = 0; i <= n_y; i++) {
        double v = f->y.min + i * f->y.step, y = at_y(f, v);
        cao_buf_add(out, "<path class=\"g\" d=\"M%.1f %.1fH%.1f\"/>", left, y, right);
        cao_buf_add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%g</text>\n", left - 6,
                    y + 4, fabs(v) < 1e-9 ? 0 : v);
    }
    cao_buf_add(out, "<path class=\"a\" d=\"M%.1f %.1fV%.1fH%.1f\"/>\n", left, top, bottom, right);
    cao_buf_add(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", (left + right) / 2,
                bottom + 38);
    put_text(out, x_label);
    cao_buf_add(out,
                "</text>\n<text transform=\"translate(%.1f %.1f) rotate(-90)\" "
                "text-anchor=\"middle\">",
                f->left + 16, (top + bottom) / 2);
    put_text(out, y_label);
    cao_buf_add(out, "</text>\n");
}

static void put_curve(struct cao_buf *out, const struct frame *f, const struct cao_scatter_curve *c,
                      const char *colour)
{
    enum { STEPS = 96 };
    const struct cao_yield_model *m = &c->model;
    cao_buf_add(out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"%s d=\"", colour,
                c->chosen ? "3" : "1.4", c->chosen ? "" : " stroke-dasharray=\"5 4\"");
    for (int i = 0; i <= STEPS; i++) {
        double x = m->x_min + (m->x_max - m->x_min) * i / STEPS, y = cao_yield_at(m, x);
        y = y > f->y.max ? f->y.max : y < f->y.min ? f->y.min : y;
        cao_buf_add(out, "%s%.1f %.1f", i ? "L" : "M", at_x(f, x), at_y(f, y));
    }
    cao_buf_add(out, "\"/>\n");
}

static void put_legend(struct cao_buf *out, const struct frame *f,
                       const struct cao_scatter_panel *p)
{
    double x = at_x(f, f->x.min) + 10, y = at_y(f, f->y.max) + 14;
    for (size_t i = 0; i < p->n_curves; i++, y += 17) {
        const struct cao_scatter_curve *c = &p->curves[i];
        cao_buf_add(out, "<path stroke=\"%s\" stroke-width=\"%s\"%s d=\"M%.1f %.1fh24\"/>",
                    colours[i % 5], c->chosen ? "3" : "1.4",
                    c->chosen ? "" : " stroke-dasharray=\"5 4\"", x, y - 4);
        cao_buf_add(out, "<text x=\"%.1f\" y=\"%.1f\"%s>", x + 30, y,
                    c->chosen ? " font-weight=\"bold\"" : "");
        put_text(out, c->label);
        if (c->chosen && c->text[0]) {
            cao_buf_add(out, ": ");
            put_text(out, c->text);
        }
        cao_buf_add(out, "</text>\n");
    }
}

static void put_panel(struct cao_buf *out, const struct cao_scatter_panel *p, double left,
                      double top, const char *x_label, const char *y_label)
{
    struct frame f = { axis_of(p->x, p->n, false), axis_of(p->y, p->n, true), left, top };
    cao_buf_add(out, "<g>\n<text class=\"t\" x=\"%.1f\" y=\"%.1f\">", left + LEFT, top + 24);
    put_text(out, p->title);
    cao_buf_add(out, "</text>\n");
    put_axes(out, &f, x_label, y_label);
    for (size_t i = 0; i < p->n; i++)
        cao_buf_add(out, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"/>\n", at_x(&f, p->x[i]),
                    at_y(&f, p->y[i]));
    for (size_t i = 0; i < p->n_curves; i++)
        put_curve(out, &f, &p->curves[i], colours[i % 5]);
    put_legend(out, &f, p);
    cao_buf_add(out, "</g>\n");
}

void cao_scatter_svg(const struct cao_scatter_panel *panels, size_t n, const char *title,
                     const char *x_label, const char *y_label, struct cao_buf *out)
{
    int columns = n > 1 ? 2 : 1, rows = (int)((n + 1) / (size_t)columns);
    rows = n > 1 ? rows : 1;
    int width = columns * WIDTH, height = rows * HEIGHT + HEAD;
    cao_buf_add(out,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                "viewBox=\"0 0 %d %d\" font-family=\"'Noto Sans CJK SC','Microsoft YaHei',"
                "'WenQuanYi Micro Hei',sans-serif\" font-size=\"12\">\n"
                "<style>.g{stroke:#e3e3e3}.a{stroke:#333;fill:none}.t{font-size:14px;"
                "font-weight:bold}circle{fill:#555;fill-opacity:.6}</style>\n"
                "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n"
                "<text x=\"%d\" y=\"28\" font-size=\"17\" font-weight=\"bold\">",
                width, height, width, height, width, height, LEFT);
    put_text(out, title);
    cao_buf_add(out, "</text>\n");
    for (size_t i = 0; i < n; i++)
        put_panel(out, &panels[i], (double)((int)i % columns * WIDTH),
                  (double)(HEAD + (int)i / columns * HEIGHT), x_label, y_label);
    cao_buf_add(out, "</svg>\n");
}
