/* SPDX-License-Identifier: MIT
 * The chain behind a verdict holds together: reckoned again from its own lines, it gives the table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static int caochu(const char *dir, const char *words)
{
    return test_wait(test_start(dir, words));
}

/* Each pasture with a class: from the chain's fresh yield and coefficients to the class by hand. */
static const char again[] =
    "import csv, json, re, subprocess, sys\n"
    "rows = [r for r in csv.DictReader(open('results/pastures.csv', encoding='utf-8-sig')) if "
    "r['class']]\n"
    "assert len(rows) >= 5\n"
    "for r in rows[:5]:\n"
    "    text = subprocess.check_output([sys.argv[1], 'explain', 'results', '--json', '--id', "
    "r['pasture_id']])\n"
    "    chain = json.loads(text)\n"
    "    v = {c['item']: c['value'] for c in chain}\n"
    "    f = lambda k: float(v[k])\n"
    "    hay = f('fresh yield') / f('fresh to hay')\n"
    "    usable = hay * (1 + f('regrowth')) * f('edible share') * f('utilisation') * f('to "
    "standard hay')\n"
    "    capacity = usable * f('area') / (f('intake of a sheep unit') * f('days of the season'))\n"
    "    available = capacity * (1 - f('share for wildlife'))\n"
    "    herd = sum(float(c['value'].split('= ')[1].split(' SU')[0]) for c in chain if c['item'] "
    "== 'species')\n"
    "    rate = (herd - available) / available * 100\n"
    "    for name, got, want in (('hay', hay, r['yield_hay_kg_ha']), ('capacity', capacity, "
    "r['capacity_su']),\n"
    "                            ('herd', herd, r['herd_su']), ('rate', rate, "
    "r['overload_pct'])):\n"
    "        assert abs(got - float(want)) <= 0.06 + 2e-4 * abs(got), (r['pasture_id'], name, got, "
    "want)\n"
    "    assert v['class'].startswith(r['class'] + ' ('), v['class']\n"
    "    scenes = [c for c in chain if c['item'] == 'scene']\n"
    "    assert scenes and all(c['source'].startswith('S2') for c in scenes)\n"
    "    weak = [c for c in chain if c['confidence'] in ('unsure', 'from memory')]\n"
    "    assert any(c['item'] == 'utilisation' for c in weak)\n"
    "    assert all(c['source'] for c in chain if c['confidence'])\n"
    "    assert all(c['confidence_zh'] for c in chain if c['confidence'])\n"
    "    said = [c for c in chain if c['source_zh'] != c['source']]\n"
    "    assert len(said) > 20\n" /* no phrase of a formula was left in English */
    "    names = {'NDVI', 'WGS', 'N', 'R', 'soil', 'full', 'block_ha', 'year_error', 'wild_error', "
    "'firm_at',\n"
    "             'outside_limit', 'terrain', 'wildlife_share', '0'}\n"
    "    for c in said:\n"
    "        words = set(re.findall(r'[A-Za-z_]{2,}', c['source_zh'])) - names\n"
    "        assert not words, (c['item'], words)\n"
    "    formulas = [c for c in chain if c['source'] and c['unit'] and not c['confidence']]\n"
    "    same = [c['item'] for c in formulas if c['source_zh'] == c['source']]\n"
    "    assert not same, same\n";

static void the_chain_gives_the_verdict_again(void **state)
{
    (void)state;
    const char *b = getenv("CAO_BUILD"), *bin = getenv("CAO_BIN");
    char *dir = test_folder("explain"), path[5000], where[4100];
    test_shell("%s/make-world '%s' --size 408 --pastures 16 --format gtiff >/dev/null",
               b ? b : "build/release", dir);
    assert_int_equal(caochu(dir, "run -q park.yaml"), 0);
    snprintf(path, sizeof path, "%s/again.py", dir);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(again, f);
    fclose(f);
    assert_non_null(realpath(bin ? bin : "build/release/caochu", where));
    test_shell("cd '%s' && /usr/bin/python3 again.py '%s'", dir, where);

    assert_int_equal(caochu(dir, "explain results --id 0632626001 --zh"), 0);
    assert_true(test_file_says(dir, "out.txt", "放牧利用率"));
    assert_int_equal(caochu(dir, "explain results --id 632626001"), 2);
    assert_true(test_file_says(dir, "err.txt", "did you mean 0632626001?"));
    assert_int_equal(caochu(dir, "explain results"), 2);
    assert_true(test_file_says(dir, "err.txt", "--id ID"));
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_chain_gives_the_verdict_again) };
    return cmocka_run_group_tests_name("explain", tests, NULL, NULL) != 0;
}
