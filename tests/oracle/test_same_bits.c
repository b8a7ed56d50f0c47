/* SPDX-License-Identifier: MIT
 * gcc and clang, SSE2 and AVX2 with FMA, with and without optimisation: the kernels give the same bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static const char flags[] = "-std=c17 -D_XOPEN_SOURCE=700 -Iinclude -Isrc -ffp-contract=off "
                            "-fno-math-errno -fno-trapping-math";
static const char sources[] = "tests/oracle/kernels_digest.c src/science/index.c "
                              "src/science/elementary.c src/science/expression.c "
                              "src/science/expression_run.c src/science/spectral.c "
                              "src/base/text.c src/base/status.c";

static const struct build {
    const char *compiler, *options;
} builds[] = {
    { "gcc", "-O3" },
    { "gcc", "-O0" },
    { "gcc", "-O3 -DNDEBUG" }, /* both of lanes.h */
    { "gcc", "-O3 -march=x86-64-v3" },
    { "clang", "-O3" },
    { "clang", "-O3 -march=x86-64-v3" },
};
enum { N_BUILDS = sizeof builds / sizeof builds[0], TEXT = 8000 };

static bool has_compiler(const char *name)
{
    char command[100];
    snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", name);
    return system(command) == 0;
}

static bool has_avx2(void)
{
    return system("grep -q 'avx2.*fma\\|fma.*avx2' /proc/cpuinfo") == 0;
}

static void digests_are_the_same_for_all_builds(void **state)
{
    (void)state;
    static char text[N_BUILDS][TEXT];
    char *dir = test_folder("bits");
    int n_done = 0, first = -1;
    for (int i = 0; i < N_BUILDS; i++) {
        const struct build *b = &builds[i];
        if (!has_compiler(b->compiler) || (strstr(b->options, "v3") && !has_avx2())) {
            printf("SKIP  %s %s: not on this machine\n", b->compiler, b->options);
            continue;
        }
        test_shell("%s %s %s %s -o '%s/digest' -lm && '%s/digest' > '%s/%d.txt'", b->compiler,
                   flags, b->options, sources, dir, dir, dir, i);
        char path[1000];
        snprintf(path, sizeof path, "%s/%d.txt", dir, i);
        FILE *f = fopen(path, "r");
        assert_non_null(f);
        size_t n = fread(text[i], 1, TEXT - 1, f);
        fclose(f);
        assert_true(n > 1000);
        first = first < 0 ? i : first;
        n_done++;
        for (char *a = text[first], *c = text[i];
             *a || *c;) { /* line by line, to name the kernel */
            size_t p = strcspn(a, "\n"), q = strcspn(c, "\n");
            if (p != q || memcmp(a, c, p) != 0)
                fail_msg("%s %s gives '%.*s', %s %s '%.*s'", builds[first].compiler,
                         builds[first].options, (int)p, a, b->compiler, b->options, (int)q, c);
            a += p + (a[p] != '\0');
            c += q + (c[q] != '\0');
        }
    }
    printf("      %d builds\n", n_done);
    if (n_done < 2)
        skip();
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(digests_are_the_same_for_all_builds) };
    return cmocka_run_group_tests_name("same bits", tests, NULL, NULL) != 0;
}
