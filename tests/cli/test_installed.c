/* SPDX-License-Identifier: MIT
 * What 'make install' puts in place works from where it stands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

/* Of the release build alone: a sanitizer's library wants the sanitizer's flags. */
static bool of_release(void)
{
    const char *build = getenv("CAO_BUILD");
    bool is = !build || strcmp(build, "build/release") == 0;
    if (!is)
        printf("SKIP  installed: only the release build is installed\n");
    return is;
}

static int set_up(void **state)
{
    char *dir = test_folder("installed");
    *state = dir;
    if (of_release())
        test_shell("MAKEFLAGS= make -s install DESTDIR='%s' PREFIX=/usr >/dev/null", dir);
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void a_program_links_with_the_library_by_pkg_config(void **state)
{
    const char *dir = *state;
    if (!of_release())
        skip();
    FILE *f = fopen("build/release/uses_library.c", "w");
    assert_non_null(f);
    fputs("#include <stdio.h>\n#include \"caochu/index.h\"\n"
          "int main(void) { const struct cao_index *ix; struct cao_error err;\n"
          "if (cao_index_find(\"NDVI\", &ix, &err)) return 1;\n"
          "puts(ix->formula); return 0; }\n",
          f);
    fclose(f);
    test_shell("d='%s/usr' && cp build/release/uses_library.c \"$d/\" && cd \"$d\" && "
               "export PKG_CONFIG_PATH=lib/pkgconfig && "
               "cc -std=c17 uses_library.c -o uses_library "
               "$(pkg-config --define-variable=prefix=. --cflags --libs caochu) && "
               "./uses_library | grep -qxF '(N-R)/(N+R)'",
               dir);
}

static void the_program_finds_its_profiles_and_its_manual_is_whole(void **state)
{
    const char *dir = *state;
    if (!of_release())
        skip();
    test_shell("cd '%s/usr' && ./bin/caochu list profiles | grep -q nyt635-2015", dir);
    test_shell(
        "cd '%s/usr' && ! man --warnings -l share/man/man1/caochu.1 2>&1 >/dev/null | grep . "
        "|| ! command -v man >/dev/null",
        dir);
    test_shell("cd '%s/usr' && bash -c '. share/bash-completion/completions/caochu && "
               "complete -p caochu' >/dev/null",
               dir);
}

static void uninstall_leaves_no_file(void **state)
{
    const char *dir = *state;
    if (!of_release())
        skip();
    test_shell(
        "rm -f '%s'/usr/uses_library* && "
        "MAKEFLAGS= make -s uninstall DESTDIR='%s' PREFIX=/usr && ! find '%s' -type f | grep .",
        dir, dir, dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_links_with_the_library_by_pkg_config),
        cmocka_unit_test(the_program_finds_its_profiles_and_its_manual_is_whole),
        cmocka_unit_test(uninstall_leaves_no_file),
    };
    return cmocka_run_group_tests_name("installed", tests, set_up, tear_down);
}
