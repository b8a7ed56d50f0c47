/* SPDX-License-Identifier: MIT
 * One kernel and one row per index. Kernels share one validity rule (see the header): dividing
 * before choosing leaves a select, not a branch, and the loops vectorise. */
#include "caochu/index.h"

#include <math.h>

#include "base/lanes.h"
#include "caochu/elementary.h"
#include "caochu/text.h"

#define BIT CAO_BAND_BIT
static const float least_denominator = 1e-6f;

/* Limits that the compiler does not know become one minimum and one maximum. */
static inline float choose(int valid, float value, float low, float high)
{
    value = value < low ? low : value;
    value = value > high ? high : value;
    return valid ? value : NAN;
}

static inline int far_from_zero(float den)
{
    return fabsf(den) >= least_denominator;
}

/* NaN compares false, so a band > 0 also rejects no data. */
#define ARG_B  const float *restrict pb = band[CAO_BAND_B];
#define ARG_G  const float *restrict pg = band[CAO_BAND_G];
#define ARG_R  const float *restrict pr = band[CAO_BAND_R];
#define ARG_E1 const float *restrict pe1 = band[CAO_BAND_RE1];
#define ARG_E2 const float *restrict pe2 = band[CAO_BAND_RE2];
#define ARG_E3 const float *restrict pe3 = band[CAO_BAND_RE3];
#define ARG_N  const float *restrict pn = band[CAO_BAND_N];
#define ARG_S1 const float *restrict ps1 = band[CAO_BAND_S1];
#define ARG_S2 const float *restrict ps2 = band[CAO_BAND_S2];
#define GET_B                                                                                      \
    float b = pb[i];                                                                               \
    ok &= b > 0.0f;
#define GET_G                                                                                      \
    float g = pg[i];                                                                               \
    ok &= g > 0.0f;
#define GET_R                                                                                      \
    float r = pr[i];                                                                               \
    ok &= r > 0.0f;
#define GET_E1                                                                                     \
    float e1 = pe1[i];                                                                             \
    ok &= e1 > 0.0f;
#define GET_E2                                                                                     \
    float e2 = pe2[i];                                                                             \
    ok &= e2 > 0.0f;
#define GET_E3                                                                                     \
    float e3 = pe3[i];                                                                             \
    ok &= e3 > 0.0f;
#define GET_N                                                                                      \
    float nir = pn[i];                                                                             \
    ok &= nir > 0.0f;
#define GET_S1                                                                                     \
    float s1 = ps1[i];                                                                             \
    ok &= s1 > 0.0f;
#define GET_S2                                                                                     \
    float s2 = ps2[i];                                                                             \
    ok &= s2 > 0.0f;

#define KERNEL(name, args, gets, num, den)                                                         \
    CAO_LANES static void name(const struct cao_index *self, const float *const band[CAO_N_BANDS], \
                               float *restrict vi, size_t n)                                       \
    {                                                                                              \
        const float low = self->min, high = self->max;                                             \
        args for (size_t i = 0; i < n; i++)                                                        \
        {                                                                                          \
            int ok = 1;                                                                            \
            gets float d = (den);                                                                  \
            ok &= far_from_zero(d);                                                                \
            vi[i] = choose(ok, (num) / d, low, high);                                              \
        }                                                                                          \
    }

/* A sum of valid bands is above 0, and a normalised difference of them within -1..1 even after rounding:
 * nothing is left to clamp. */
#define DIFFERENCE(name, args, gets, plus, minus)                                                  \
    CAO_LANES static void name(const struct cao_index *self, const float *const band[CAO_N_BANDS], \
                               float *restrict vi, size_t n)                                       \
    {                                                                                              \
        (void)self;                                                                                \
        args for (size_t i = 0; i < n; i++)                                                        \
        {                                                                                          \
            int ok = 1;                                                                            \
            gets float p = (plus), m = (minus), d = p + m;                                         \
            ok &= d >= least_denominator;                                                          \
            vi[i] = ok ? (p - m) / d : NAN;                                                        \
        }                                                                                          \
    }

/* A sum needs no test of a denominator. */
#define SUM(name, args, gets, sum)                                                                 \
    CAO_LANES static void name(const struct cao_index *self, const float *const band[CAO_N_BANDS], \
                               float *restrict vi, size_t n)                                       \
    {                                                                                              \
        const float low = self->min, high = self->max;                                             \
        args for (size_t i = 0; i < n; i++)                                                        \
        {                                                                                          \
            int ok = 1;                                                                            \
            gets vi[i] = choose(ok, (sum), low, high);                                             \
        }                                                                                          \
    }

/* clang-format off */
DIFFERENCE(ndvi, ARG_R ARG_N, GET_R GET_N, nir, r)
KERNEL(evi, ARG_B ARG_R ARG_N, GET_B GET_R GET_N, 2.5f * (nir - r), nir + 6.0f * r - 7.5f * b + 1.0f)
KERNEL(evi2, ARG_R ARG_N, GET_R GET_N, 2.5f * (nir - r), nir + 2.4f * r + 1.0f)
KERNEL(savi, ARG_R ARG_N, GET_R GET_N, 1.5f * (nir - r), nir + r + 0.5f)
KERNEL(osavi, ARG_R ARG_N, GET_R GET_N, nir - r, nir + r + 0.16f)
DIFFERENCE(gndvi, ARG_G ARG_N, GET_G GET_N, nir, g)
DIFFERENCE(ndre, ARG_E1 ARG_N, GET_E1 GET_N, nir, e1)
DIFFERENCE(ndre1, ARG_E1 ARG_E2, GET_E1 GET_E2, e2, e1)
KERNEL(nirv, ARG_R ARG_N, GET_R GET_N, (nir - r) * nir, nir + r)
DIFFERENCE(ndwi, ARG_G ARG_N, GET_G GET_N, g, nir)
DIFFERENCE(mndwi, ARG_G ARG_S1, GET_G GET_S1, g, s1)
DIFFERENCE(ndmi, ARG_N ARG_S1, GET_N GET_S1, nir, s1)
DIFFERENCE(bsi, ARG_B ARG_R ARG_N ARG_S1, GET_B GET_R GET_N GET_S1, s1 + r, nir + b)
DIFFERENCE(nbr, ARG_N ARG_S2, GET_N GET_S2, nir, s2)
KERNEL(arvi, ARG_B ARG_R ARG_N, GET_B GET_R GET_N, nir - (r - (b - r)), nir + (r - (b - r)))
KERNEL(vari, ARG_B ARG_G ARG_R, GET_B GET_G GET_R, g - r, g + r - b)
KERNEL(tcari, ARG_G ARG_R ARG_E1, GET_G GET_R GET_E1, 3.0f * ((e1 - r) * r - 0.2f * (e1 - g) * e1), r)
KERNEL(cig, ARG_G ARG_N, GET_G GET_N, nir - g, g)
KERNEL(cire, ARG_E1 ARG_N, GET_E1 GET_N, nir - e1, e1)
KERNEL(mtci, ARG_R ARG_E1 ARG_E2, GET_R GET_E1 GET_E2, e2 - e1, e1 - r)
KERNEL(s2rep, ARG_R ARG_E1 ARG_E2 ARG_E3, GET_R GET_E1 GET_E2 GET_E3, 705.0f * (e2 - e1) + 35.0f * (0.5f * (e3 + r) - e1), e2 - e1)
KERNEL(rvi, ARG_R ARG_N, GET_R GET_N, nir, r)
SUM(dvi, ARG_R ARG_N, GET_R GET_N, nir - r)
DIFFERENCE(ndpi, ARG_R ARG_N ARG_S1, GET_R GET_N GET_S1, nir, 0.74f * r + 0.26f * s1)
DIFFERENCE(ndgi, ARG_G ARG_R ARG_N, GET_G GET_R GET_N, 0.65f * g + 0.35f * nir, r)
KERNEL(psri, ARG_B ARG_R ARG_E2, GET_B GET_R GET_E2, r - b, e2)
DIFFERENCE(ndti, ARG_S1 ARG_S2, GET_S1 GET_S2, s1, s2)
KERNEL(rdvi, ARG_R ARG_N, GET_R GET_N, nir - r, sqrtf(nir + r))
SUM(tcb, ARG_B ARG_G ARG_R ARG_N ARG_S1 ARG_S2, GET_B GET_G GET_R GET_N GET_S1 GET_S2,
           0.2043f * b + 0.4158f * g + 0.5524f * r + 0.5741f * nir + 0.3124f * s1 + 0.2303f * s2)
SUM(tcg, ARG_B ARG_G ARG_R ARG_N ARG_S1 ARG_S2, GET_B GET_G GET_R GET_N GET_S1 GET_S2,
           -0.1603f * b - 0.2819f * g - 0.4934f * r + 0.7940f * nir - 0.0002f * s1 - 0.1446f * s2)
SUM(tcw, ARG_B ARG_G ARG_R ARG_N ARG_S1 ARG_S2, GET_B GET_G GET_R GET_N GET_S1 GET_S2,
           0.0315f * b + 0.2021f * g + 0.3102f * r + 0.1594f * nir - 0.6806f * s1 - 0.6109f * s2)
SUM(awei_nsh, ARG_G ARG_N ARG_S1 ARG_S2, GET_G GET_N GET_S1 GET_S2, 4.0f * (g - s1) - (0.25f * nir + 2.75f * s2))
SUM(awei_sh, ARG_B ARG_G ARG_N ARG_S1 ARG_S2, GET_B GET_G GET_N GET_S1 GET_S2, b + 2.5f * g - 1.5f * (nir + s1) - 0.25f * s2)
KERNEL(swi, ARG_G ARG_N ARG_S1, GET_G GET_N GET_S1, g * (nir - s1), (g + nir) * (nir + s1))
KERNEL(s3, ARG_R ARG_N ARG_S1, GET_R GET_N GET_S1, nir * (r - s1), (nir + r) * (nir + s1))
/* clang-format on */

static void kndvi(const struct cao_index *self, const float *const band[CAO_N_BANDS],
                  float *restrict vi, size_t n)
{
    enum { BLOCK = 512 };
    const float *shifted[CAO_N_BANDS] = { 0 };
    float square[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t m = n - at < BLOCK ? n - at : BLOCK;
        shifted[CAO_BAND_R] = band[CAO_BAND_R] + at;
        shifted[CAO_BAND_N] = band[CAO_BAND_N] + at;
        ndvi(self, shifted, square, m);
        for (size_t i = 0; i < m; i++)
            square[i] *= square[i];
        cao_tanh(square, vi + at, m);
    }
}

CAO_LANES static void dbsi(const struct cao_index *self, const float *const band[CAO_N_BANDS],
                           float *restrict vi, size_t n)
{
    const float low = self->min, high = self->max;
    ARG_G ARG_R ARG_N ARG_S1 for (size_t i = 0; i < n; i++)
    {
        int ok = 1;
        GET_G GET_R GET_N GET_S1 float d = s1 + g, e = nir + r;
        ok &= (d >= least_denominator) & (e >= least_denominator);
        vi[i] = choose(ok, (s1 - g) / d - (nir - r) / e, low, high);
    }
}

/* The usual form has a root of a difference: 0 or more for any reflectance up to about 2. */
CAO_LANES static void msavi2(const struct cao_index *self, const float *const band[CAO_N_BANDS],
                             float *restrict vi, size_t n)
{
    const float low = self->min, high = self->max;
    ARG_R ARG_N for (size_t i = 0; i < n; i++)
    {
        int ok = 1;
        GET_R GET_N float a = 2.0f * nir + 1.0f, root = a * a - 8.0f * (nir - r);
        ok &= root >= 0.0f;
        vi[i] = choose(ok, 0.5f * (a - sqrtf(root > 0.0f ? root : 0.0f)), low, high);
    }
}

CAO_LANES static void tcari_osavi(const struct cao_index *self,
                                  const float *const band[CAO_N_BANDS], float *restrict vi,
                                  size_t n)
{
    const float low = self->min, high = self->max;
    ARG_G ARG_R ARG_E1 ARG_N for (size_t i = 0; i < n; i++)
    {
        int ok = 1;
        GET_G GET_R GET_E1 GET_N float tcari = 3.0f * ((e1 - r) - 0.2f * (e1 - g) * (e1 / r));
        float osavi_116 = 1.16f * (nir - r) / (nir + r + 0.16f);
        ok &= far_from_zero(r) & far_from_zero(osavi_116);
        vi[i] = choose(ok, tcari / osavi_116, low, high);
    }
}

#define B_  BIT(CAO_BAND_B)
#define G_  BIT(CAO_BAND_G)
#define R_  BIT(CAO_BAND_R)
#define E1_ BIT(CAO_BAND_RE1)
#define E2_ BIT(CAO_BAND_RE2)
#define E3_ BIT(CAO_BAND_RE3)
#define N_  BIT(CAO_BAND_N)
#define S1_ BIT(CAO_BAND_S1)
#define S2_ BIT(CAO_BAND_S2)

/* clang-format off */
static const struct cao_index table[] = {
    { "NDVI", "归一化植被指数", "(N-R)/(N+R)", "Rouse et al. 1974, NASA SP-351", R_ | N_, -1, 1, ndvi, "1", NULL },
    { "EVI", "增强型植被指数", "2.5*(N-R)/(N+6*R-7.5*B+1)", "Huete et al. 2002, RSE 83:195", B_ | R_ | N_, -1, 1, evi, "1", NULL },
    { "EVI2", "两波段增强型植被指数", "2.5*(N-R)/(N+2.4*R+1)", "Jiang et al. 2008, RSE 112:3833", R_ | N_, -1, 1.25f, evi2, "1", NULL },
    { "SAVI", "土壤调节植被指数", "1.5*(N-R)/(N+R+0.5)", "Huete 1988, RSE 25:295, L = 0.5", R_ | N_, -1.5f, 1.5f, savi, "1", NULL },
    { "MSAVI2", "修正土壤调节植被指数", "(2*N+1-sqrt((2*N+1)^2-8*(N-R)))/2", "Qi et al. 1994, RSE 48:119", R_ | N_, -1, 1, msavi2, "1", NULL },
    { "OSAVI", "优化土壤调节植被指数", "(N-R)/(N+R+0.16)", "Rondeaux et al. 1996, RSE 55:95, without the factor 1.16", R_ | N_, -1, 1, osavi, "1", NULL },
    { "GNDVI", "绿光归一化植被指数", "(N-G)/(N+G)", "Gitelson et al. 1996, RSE 58:289", G_ | N_, -1, 1, gndvi, "1", NULL },
    { "NDRE", "红边归一化植被指数", "(N-RE1)/(N+RE1)", "Gitelson & Merzlyak 1994, J. Plant Physiol. 143:286", E1_ | N_, -1, 1, ndre, "1", NULL },
    { "NDRE1", "红边归一化植被指数1", "(RE2-RE1)/(RE2+RE1)", "Gitelson & Merzlyak 1994, bands as in FORCE", E1_ | E2_, -1, 1, ndre1, "1", NULL },
    { "kNDVI", "核归一化植被指数", "tanh(((N-R)/(N+R))^2)", "Camps-Valls et al. 2021, Sci. Adv. 7:eabc7447", R_ | N_, 0, 1, kndvi, "1", NULL },
    { "NIRv", "近红外植被反射率", "N*(N-R)/(N+R)", "Badgley et al. 2017, Sci. Adv. 3:e1602244", R_ | N_, -1, 1, nirv, "1", NULL },
    { "NDWI", "归一化水体指数", "(G-N)/(G+N)", "McFeeters 1996, IJRS 17:1425", G_ | N_, -1, 1, ndwi, "1", NULL },
    { "MNDWI", "改进归一化水体指数", "(G-S1)/(G+S1)", "Xu 2006, IJRS 27:3025", G_ | S1_, -1, 1, mndwi, "1", NULL },
    { "NDSI", "归一化积雪指数", "(G-S1)/(G+S1)", "Hall et al. 1995, RSE 54:127", G_ | S1_, -1, 1, mndwi, "1", NULL },
    { "NDMI", "归一化水分指数", "(N-S1)/(N+S1)", "Gao 1996, RSE 58:257; Wilson & Sader 2002", N_ | S1_, -1, 1, ndmi, "1", NULL },
    { "LSWI", "地表水分指数", "(N-S1)/(N+S1)", "Xiao et al. 2004, RSE 89:519; the same arithmetic as NDMI", N_ | S1_, -1, 1, ndmi, "1", NULL },
    { "NDII", "归一化红外指数", "(N-S1)/(N+S1)", "Hardisky et al. 1983, PERS 49:77; the same arithmetic as NDMI", N_ | S1_, -1, 1, ndmi, "1", NULL },
    { "BSI", "裸土指数", "((S1+R)-(N+B))/((S1+R)+(N+B))", "Rikimaru et al. 2002, Trop. Ecol. 43:39", B_ | R_ | N_ | S1_, -1, 1, bsi, "1", NULL },
    { "NBR", "归一化燃烧指数", "(N-S2)/(N+S2)", "Lopez Garcia & Caselles 1991, Geocarto Int. 6:31", N_ | S2_, -1, 1, nbr, "1", NULL },
    { "ARVI", "抗大气植被指数", "(N-(2*R-B))/(N+(2*R-B))", "Kaufman & Tanre 1992, IEEE TGRS 30:261, gamma = 1", B_ | R_ | N_, -1, 1, arvi, "1", NULL },
    { "VARI", "可见光抗大气指数", "(G-R)/(G+R-B)", "Gitelson et al. 2002, RSE 80:76", B_ | G_ | R_, -1, 1, vari, "1", NULL },
    { "TCARI", "转换叶绿素吸收指数", "3*((RE1-R)-0.2*(RE1-G)*(RE1/R))", "Haboudane et al. 2002, RSE 81:416", G_ | R_ | E1_, -3, 3, tcari, "1", NULL },
    { "TCARI/OSAVI", "叶绿素土壤比值指数", "3*((RE1-R)-0.2*(RE1-G)*(RE1/R))/(1.16*(N-R)/(N+R+0.16))", "Haboudane et al. 2002, RSE 81:416", G_ | R_ | E1_ | N_, -3, 3, tcari_osavi, "1", NULL },
    { "CIG", "绿光叶绿素指数", "N/G-1", "Gitelson et al. 2003, J. Plant Physiol. 160:271", G_ | N_, -1, 30, cig, "1", NULL },
    { "CIRE", "红边叶绿素指数", "N/RE1-1", "Gitelson et al. 2003, J. Plant Physiol. 160:271", E1_ | N_, -1, 30, cire, "1", NULL },
    { "MTCI", "陆地叶绿素指数", "(RE2-RE1)/(RE1-R)", "Dash & Curran 2004, IJRS 25:5403", R_ | E1_ | E2_, -30, 30, mtci, "1", NULL },
    { "S2REP", "红边位置", "705+35*((RE3+R)/2-RE1)/(RE2-RE1)", "Frampton et al. 2013, ISPRS 82:83", R_ | E1_ | E2_ | E3_, 680, 760, s2rep, "nm", NULL },
    { "RVI", "比值植被指数", "N/R", "Jordan 1969, Ecology 50:663", R_ | N_, 0, 30, rvi, "1", NULL },
    { "DVI", "差值植被指数", "N-R", "Richardson & Wiegand 1977, PERS 43:1541", R_ | N_, -1, 1, dvi, "1", NULL },
    { "RDVI", "重归一化植被指数", "(N-R)/sqrt(N+R)", "Roujean & Breon 1995, RSE 51:375", R_ | N_, -1, 1, rdvi, "1", NULL },
    { "NDPI", "归一化物候指数", "(N-(0.74*R+0.26*S1))/(N+(0.74*R+0.26*S1))", "Wang et al. 2017, RSE 196:28; 0.74 not checked", R_ | N_ | S1_, -1, 1, ndpi, "1", NULL },
    { "PSRI", "植被衰老指数", "(R-B)/RE2", "Merzlyak et al. 1999, Physiol. Plant. 106:135", B_ | R_ | E2_, -1, 1, psri, "1", NULL },
    { "NDTI", "归一化耕作指数", "(S1-S2)/(S1+S2)", "van Deventer et al. 1997, PERS 63:87", S1_ | S2_, -1, 1, ndti, "1", NULL },
    { "TCB", "缨帽亮度", "0.2043*B+0.4158*G+0.5524*R+0.5741*N+0.3124*S1+0.2303*S2", "Crist 1985, RSE 17:301", B_ | G_ | R_ | N_ | S1_ | S2_, 0, 3, tcb, "1", NULL },
    { "TCG", "缨帽绿度", "-0.1603*B-0.2819*G-0.4934*R+0.7940*N-0.0002*S1-0.1446*S2", "Crist 1985, RSE 17:301", B_ | G_ | R_ | N_ | S1_ | S2_, -2, 2, tcg, "1", NULL },
    { "TCW", "缨帽湿度", "0.0315*B+0.2021*G+0.3102*R+0.1594*N-0.6806*S1-0.6109*S2", "Crist 1985, RSE 17:301", B_ | G_ | R_ | N_ | S1_ | S2_, -2, 2, tcw, "1", NULL },
    { "NDGI", "归一化绿度指数", "(0.65*G+0.35*N-R)/(0.65*G+0.35*N+R)", "Yang et al. 2019, RSE 231:111239; 0.65 not checked, by wavelengths it is 0.62 to 0.70", G_ | R_ | N_, -1, 1, ndgi, "1", NULL },
    { "DBSI", "干裸土指数", "(S1-G)/(S1+G)-(N-R)/(N+R)", "Rasul et al. 2018, Land 7:81", G_ | R_ | N_ | S1_, -2, 2, dbsi, "1", NULL },
    { "SWI", "雪水指数", "G*(N-S1)/((G+N)*(N+S1))", "Dixit et al. 2019, Remote Sens. 11:2774", G_ | N_ | S1_, -1, 1, swi, "1", NULL },
    { "S3", "S3积雪指数", "N*(R-S1)/((N+R)*(N+S1))", "Saito & Yamazaki 1999, J. Jpn. Soc. Hydrol. Water Resour. 12:28", R_ | N_ | S1_, -1, 1, s3, "1", NULL },
    { "AWEInsh", "自动水体提取指数", "4*(G-S1)-(0.25*N+2.75*S2)", "Feyisa et al. 2014, RSE 140:23", G_ | N_ | S1_ | S2_, -8, 8, awei_nsh, "1", NULL },
    { "AWEIsh", "自动水体提取指数（去阴影）", "B+2.5*G-1.5*(N+S1)-0.25*S2", "Feyisa et al. 2014, RSE 140:23", B_ | G_ | N_ | S1_ | S2_, -8, 8, awei_sh, "1", NULL },
};
/* clang-format on */

const struct cao_index *cao_index_all(size_t *n)
{
    *n = sizeof table / sizeof table[0];
    return table;
}

enum cao_status cao_index_find(const char *name, const struct cao_index **found,
                               struct cao_error *err)
{
    enum { N = sizeof table / sizeof table[0] };
    const char *known[N];
    for (size_t i = 0; i < N; i++) {
        if (cao_text_same(name, table[i].name)) {
            *found = &table[i];
            return CAO_OK;
        }
        known[i] = table[i].name;
    }
    size_t near = cao_text_nearest(name, known, N);
    return cao_fail(err, CAO_EARG, "unknown index '%s'%s%s; see 'caochu list indices'", name,
                    near == SIZE_MAX ? "" : "; did you mean ", near == SIZE_MAX ? "" : known[near]);
}

void cao_index_compute(const struct cao_index *ix, const float *const band[CAO_N_BANDS],
                       float *restrict vi, size_t n)
{
    ix->compute(ix, band, vi, n);
}

bool cao_index_possible(const struct cao_index *ix, uint32_t have)
{
    const uint32_t near_infrared = BIT(CAO_BAND_N) | BIT(CAO_BAND_N2);
    enum cao_band ready = cao_band_ready(ix->name);
    if (ready < CAO_N_BANDS && (have & BIT(ready)))
        return true;
    return (ix->needs & ~(have & near_infrared ? have | near_infrared : have)) == 0;
}

CAO_LANES void cao_index_fvc(const float *restrict vi, float soil, float full, float *restrict fvc,
                             size_t n)
{
    float span = full - soil;
    for (size_t i = 0; i < n; i++) {
        float share = (vi[i] - soil) / span;
        share = share < 0.0f ? 0.0f : share;
        fvc[i] = share > 1.0f ? 1.0f : share;
    }
}

CAO_LANES void cao_index_fvc_squared(const float *restrict vi, float soil, float full,
                                     float *restrict fvc, size_t n)
{
    cao_index_fvc(vi, soil, full, fvc, n);
    for (size_t i = 0; i < n; i++)
        fvc[i] *= fvc[i];
}
