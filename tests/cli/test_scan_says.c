/* SPDX-License-Identifier: MIT
 * caochu scan on a folder of several families: the line for people, the CSV and the JSON say the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static char *make(const char *name)
{
    const char *b = getenv("CAO_BUILD");
    char *dir = test_folder(name);
    test_shell("%s/make-world '%s' --size 96 --pastures 16 --dates 2 --l1c --duplicate >/dev/null "
               "&& cd '%s/imagery' && "
               "mkdir own hls && for b in 1 2; do gdal_create -q -ot UInt16 -bands 2 -outsize 8 8 "
               "-a_srs EPSG:4326 "
               "-a_ullr 97 35 98 34 own/own_2024070$b.tif; done && for b in B04 B8A; do "
               "gdal_create -q -ot Int16 "
               "-outsize 8 8 -a_srs EPSG:32647 -a_ullr 399960 3900000 400200 3899760 "
               "hls/HLS.S30.T47SMU.2024200T040549.v2.0.$b.tif; done && gdal_create -q -ot Byte "
               "-outsize 8 8 -a_srs "
               "EPSG:32647 -a_ullr 399960 3900000 400200 3899760 "
               "hls/HLS.S30.T47SMU.2024200T040549.v2.0.Fmask.tif && : > "
               "S2A_MSIL2A_torn.zip && cp own/own_20240701.tif unknown.tif && printf 'sensors: "
               "[{name: own, files: "
               "\"own_{date}.tif\", bands: {R: 1, N: 2}, scale: 0.0001, cloud_above: {R: "
               "0.4}}]\\n' >> ../park.yaml",
               b ? b : "build/release", dir, dir);
    return dir;
}

static const char compare[] =
    "import csv, json, sys\n"
    "doc = json.load(open('json.txt', encoding='utf-8'))\n"
    "rows = list(csv.DictReader(open('products.csv', encoding='utf-8-sig', newline='')))\n"
    "text = open('text.txt', encoding='utf-8').read().split('\\n')\n"
    "used = [r for r in rows if r['state'] == 'used']\n"
    "refused = [r for r in rows if r['state'] == 'refused']\n"
    "assert len(used) == len(doc['scenes']) == 5, (len(used), len(doc['scenes']))\n"
    "assert len(refused) == len(doc['refused']) == 3, refused\n"
    "for r, s, line in zip(used, doc['scenes'], text[1:]):\n"
    "    assert r['product'] == s['id'] and line.endswith(r['product']), (r, line)\n"
    "    for a, b in (('time_utc', 'time'), ('sensor', 'sensor'), ('platform', 'platform'), "
    "('level', 'level'),\n"
    "                 ('tile', 'tile'), ('crs', 'crs'), ('baseline', 'baseline'), ('path', "
    "'path'),\n"
    "                 ('generated_utc', 'generated'), ('clouds_by', 'clouds_by'), ('masks', "
    "'masks')):\n"
    "        assert r[a] == s[b], (a, r[a], s[b])\n"
    "    assert r['bands'].split(' ') == list(s['bands']), (r['bands'], s['bands'])\n"
    "    assert r['offset'] == ('yes' if s['offset'] else 'no')\n"
    "    if r['cloud_pct'] == '': assert s['cloud_pct'] is None\n"
    "    else: assert abs(float(r['cloud_pct']) - s['cloud_pct']) <= 0.0501\n"
    "    for key in ('time_utc', 'platform', 'level', 'crs', 'size', 'offset', 'clouds_by', "
    "'bands'):\n"
    "        assert r[key] in line, (r[key], line)\n"
    "for r, s in zip(refused, doc['refused']):\n"
    "    for a, b in (('product', 'id'), ('path', 'path'), ('sensor', 'sensor'), ('code', 'code'), "
    "('reason', "
    "'reason')):\n"
    "        assert r[a] == s[b], (r, s)\n"
    "    assert any(r['path'] in l and r['reason'] in l and l.startswith('refused') for l in "
    "text), r\n"
    "assert {r['sensor'] for r in used} == {'sentinel2-l2a', 'hls', 'own'}\n"
    "own = [r for r in used if r['sensor'] == 'own'][0]\n"
    "assert own['size'] == '8x8@0.125deg' and own['clouds_by'] == 'brightness' and own['masks'] == "
    "''\n"
    "s2 = [r for r in used if r['sensor'] == 'sentinel2-l2a'][0]\n"
    "assert s2['offset'] == 'yes' and s2['clouds_by'] == 'codes' and 'snow' in s2['masks']\n"
    "assert {r['code'] for r in refused} == {'level-unusable', 'scene-superseded', "
    "'archive-unreadable'}\n";

static void text_csv_and_json_say_the_same(void **state)
{
    (void)state;
    char *dir = make("scan says");
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache park.yaml")), 3);
    assert_true(test_file_says(dir, "err.txt",
                               "1 image in 1 folder belongs to no product that is known, such "
                               "as"));
    assert_true(test_file_says(dir, "err.txt", "unknown.tif"));
    test_shell("mv '%s/out.txt' '%s/text.txt'", dir, dir);
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache --json park.yaml")), 3);
    test_shell("mv '%s/out.txt' '%s/json.txt'", dir, dir);
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache -o products.csv park.yaml")), 3);
    test_shell(
        "cd '%s' && ! [ -s out.txt ] && cat > compare.py <<'END'\n%s\nEND\npython3 compare.py", dir,
        compare);
    /* to a pipe the same without the mark that Excel wants */
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache --csv park.yaml")), 3);
    test_shell("cd '%s' && tail -c +4 products.csv | cmp - out.txt", dir);
    free(dir);
}

static void chinese_headings_stand_above_the_same_cells(void **state)
{
    (void)state;
    char *dir = make("scan zh");
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache --zh park.yaml")), 3);
    assert_true(test_file_says(dir, "out.txt", "成像时间（UTC）"));
    assert_true(test_file_says(dir, "out.txt", "5 个产品可用，3 个未采用"));
    assert_true(test_file_says(dir, "out.txt", "未采用   imagery"));
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache --zh --csv park.yaml")), 3);
    assert_true(test_file_says(dir, "out.txt",
                               "状态,成像时间（UTC）,产品系列,卫星,级别,分幅,坐标系,像元,"));
    test_shell("cp '%s/out.txt' '%s/zh.csv'", dir, dir);
    assert_int_equal(test_wait(test_start(dir, "scan --no-cache --csv park.yaml")), 3);
    test_shell("cd '%s' && tail -n +2 zh.csv > a && tail -n +2 out.txt | cmp - a", dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_csv_and_json_say_the_same),
        cmocka_unit_test(chinese_headings_stand_above_the_same_cells),
    };
    return cmocka_run_group_tests_name("scan says", tests, NULL, NULL) != 0;
}
