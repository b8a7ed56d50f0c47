/* SPDX-License-Identifier: MIT
 * Verdicts from stored sums against whole runs with the same assumptions: the same bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static char *make_world(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    return dir;
}

static int caochu(const char *dir, const char *words)
{
    return test_wait(test_start(dir, words));
}

static void stored_sums_say_what_a_run_would(void **state)
{
    (void)state;
    char *dir = make_world("what if");
    assert_int_equal(caochu(dir, "run -q park.yaml"), 0);
    assert_int_equal(caochu(dir, "balance -q park.yaml -o same.csv"), 0);
    test_shell("cd '%s' && cmp same.csv results/pastures.csv", dir);
    assert_int_equal(caochu(dir, "balance -q results --groups -o groups.csv"), 0);
    test_shell("cd '%s' && cmp groups.csv results/groups.csv", dir);

    /* a profile that says the same, of the name that the table would give it, and half the yaks */
    test_shell("cd '%s' && printf '%%s\\n' 'format: 1' "
               "'name: nyt635-2015 + utilisation.alpine_meadow=0.3 + wildlife_share=0.1 + "
               "su.sheep=0.9 + head.yak=+100%%' "
               "'based_on: nyt635-2015' 'wildlife_share: 0.1' 'species: {sheep: {su: 0.9}}' "
               "'types: {alpine_meadow: {utilisation: {year-round: 0.3, warm: 0.3, cold: 0.3, "
               "spring-autumn: 0.3}}}' > own.yaml && "
               "sed -e 's/^profile:.*/profile: own.yaml/; s/folder: results/folder: other/; "
               "s/livestock.csv/more.csv/' park.yaml > other.yaml && "
               "awk -F, -v OFS=, '$2 == \"yak\" || $2 == \"牦牛\" {$3 *= 2} {print}' livestock.csv "
               "> more.csv",
               dir);
    test_shell("cd '%s' && head -1 livestock.csv | grep -q '^.*pasture_id,species,heads'", dir);
    assert_int_equal(caochu(dir, "run -q other.yaml"), 0);
    assert_int_equal(caochu(dir,
                            "balance -q park.yaml --set utilisation.alpine_meadow=0.3 --set "
                            "wildlife_share=0.1 --set su.sheep=0.9 --set head.yak=+100% -o if.csv"),
                     0);
    test_shell("cd '%s' && cmp if.csv other/pastures.csv && ! cmp -s if.csv same.csv", dir);

    assert_int_equal(caochu(dir, "balance -q park.yaml --compare-profiles -o all.csv"), 0);
    assert_true(test_file_says(dir, "all.csv", "nyt635-2002_overload_pct"));
    assert_true(test_file_says(dir, "all.csv", "db63t2298-2024 lacks types."));
    free(dir);
}

/* A herd of which a row was refused is not known, whatever is assumed: a part of it would be a wrong number. */
static void a_refused_row_spoils_its_pasture_in_any_world(void **state)
{
    (void)state;
    char *dir = make_world("what bad");
    test_shell("cd '%s' && printf '0632626003,yak,-3\\n0632626004,yak,2.5\\n' >>livestock.csv && "
               "printf 'pasture_id,feed,kg\\n0632626001,oat_hay,much\\n' >feed.csv && printf "
               "'feed: {file: feed.csv, id: pasture_id}\\n' >>park.yaml",
               dir);
    assert_int_equal(caochu(dir, "run -q park.yaml"), 3);
    assert_int_equal(caochu(dir, "balance -q park.yaml -o same.csv"), 0);
    test_shell(
        "cd '%s' && cmp same.csv results/pastures.csv && grep -q no-herd same.csv && grep -q "
        "feed-unknown same.csv",
        dir);
    assert_int_equal(caochu(dir, "balance -q park.yaml --set head.yak=+100% -o more.csv"), 0);
    test_shell("cd '%s' && grep 0632626004 more.csv | grep -q no-herd", dir);
    assert_int_equal(caochu(dir, "balance -q park.yaml --compare-profiles -o all.csv"), 0);
    test_shell("cd '%s' && grep 0632626004 all.csv | grep -q no-herd", dir);
    free(dir);
}

static void what_sums_cannot_answer_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *words, *say;
        int code;
    } cases[] = {
        { "balance park.yaml --set bare_below=0.2", "'bare_below' cannot be set here", 2 },
        { "balance park.yaml --set utilisaton.alpine_meadow=0.2", "did you mean utilisation?", 2 },
        { "balance park.yaml --set utilisation.alpine_medow=0.2", "did you mean alpine_meadow", 2 },
        { "balance park.yaml --set utilisation.alpine_meadow=1.2", "allowed: 0 to 1", 2 },
        { "balance park.yaml --set head.yak=12", "a change such as -10%", 2 },
        { "balance park.yaml --set intake.kg_day=much", "'much' is not a number", 2 },
        { "balance park.yaml --set intake.kg_day", "KEY=VALUE is wanted", 2 },
        { "balance park.yaml --compare-profiles --set profile=nyt635-2002", "leave out", 2 },
        { "balance nothing", "nothing", 2 },
        { "balance imagery", "name the project file, or the results folder", 1 },
    };
    char *dir = make_world("what not");
    assert_int_equal(caochu(dir, "balance park.yaml"), 1);
    assert_true(test_file_says(dir, "err.txt", "are not up to date"));
    assert_int_equal(caochu(dir, "run -q park.yaml"), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = caochu(dir, cases[i].words);
        if (code != cases[i].code || !test_file_says(dir, "err.txt", cases[i].say)) {
            test_shell("cat '%s/err.txt' >&2", dir);
            fail_msg("%s: exit %d", cases[i].words, code);
        }
        test_shell("test ! -s '%s/out.txt'", dir);
    }
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stored_sums_say_what_a_run_would),
        cmocka_unit_test(a_refused_row_spoils_its_pasture_in_any_world),
        cmocka_unit_test(what_sums_cannot_answer_is_refused),
    };
    return cmocka_run_group_tests_name("what_if", tests, NULL, NULL) != 0;
}
