/* SPDX-License-Identifier: MIT
 * A folder of downloads with sound products among bad ones of every kind: scan and run name each bad file with
 * its cause and go on, and what they say of the pastures is to the byte what the sound ones alone give. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#include "caochu/file.h"
#include "caochu/run.h"
#include "caochu/text.h"

static const char *build(void)
{
    const char *b = getenv("CAO_BUILD");
    return b ? b : "build/release";
}

static void run(const char *dir, const char *out, struct cao_run_summary *s)
{
    char path[CAO_PATH_MAX];
    struct cao_error err = { 0 };
    test_shell("sed 's/^  folder: .*/  folder: %s/' '%s/park.yaml' > '%s/%s.yaml'", out, dir, dir,
               out);
    snprintf(path, sizeof path, "%s/%s.yaml", dir, out);
    struct cao_run_options options = { .project = path, .data_dir = "src/profiles", .threads = 2 };
    assert_ok(cao_run(&options, s, &err));
    assert_int_equal(s->n_failed, 0);
}

static bool is_named(const struct cao_run_summary *s, const char *file, const char *cause)
{
    for (size_t i = 0; i < s->findings.n; i++) {
        char text[2300];
        cao_finding_format(&s->findings.items[i], text, sizeof text);
        if (strstr(text, file) && strstr(text, cause))
            return true;
    }
    return false;
}

static void show(const struct cao_run_summary *s)
{
    for (size_t i = 0; i < s->findings.n; i++) {
        char text[2300];
        cao_finding_format(&s->findings.items[i], text, sizeof text);
        fprintf(stderr, "  %s\n", text);
    }
}

/* What goes wrong with copies of a sound product, each of another day: "DAY BAND COMMAND", $f the image. */
static const struct spoil {
    const char *day, *band, *command, *file, *cause;
} spoils[] = {
    { "0719", "B04_10m", "printf '<VRTDataset/>' > $f", "20240719T", "it is a VRT" },
    { "0720", "SCL_20m",
      "gdal_translate -q -of JP2OpenJPEG -outsize 50% 50% $f t.jp2 && mv t.jp2 $f", "20240720T",
      "but the scene's metadata say" },
    { "0721", "B08_10m",
      "gdal_translate -q -of JP2OpenJPEG -a_srs EPSG:32648 $f t.jp2 && mv t.jp2 $f", "20240721T",
      "coordinate system" },
    { "0722", "B04_10m",
      "gdal_translate -q -of JP2OpenJPEG -a_ullr 499980 3900000 505020 3894960 $f t.jp2 && mv "
      "t.jp2 $f",
      "20240722T", "belongs to another product" },
    { "0723", "B11_20m", "truncate -s 20000 $f", "20240723T", "incomplete" },
    { "0724", "B04_10m", ": > $f", "20240724T", "empty" },
    { "0725", "B08_10m", "printf '\\211HDF\\r\\n\\032\\n' > $f", "20240725T", "HDF5" },
};
enum { N_SPOILS = sizeof spoils / sizeof spoils[0] };

static void bad_input_changes_nothing_but_the_list_of_it(void **state)
{
    (void)state;
    struct cao_run_summary s;
    char *dir = test_folder("bad input");
    test_shell(
        "%s/make-world '%s' --size 504 --pastures 24 --dates 2 >/dev/null && cd '%s' && printf "
        "'sensors: [{name: own, files: \"own_{date}_*.tif\", bands: {R: 1, N: 1}, scale: "
        "0.0001, cloud_above: {R: 0.9}}]\\n' >> park.yaml",
        build(), dir, dir);
    run(dir, "sound", &s);
    size_t n_sound = s.findings.n;
    cao_run_summary_release(&s);
    for (size_t i = 0; i < N_SPOILS; i++)
        test_shell("cd '%s/imagery' && from=$(ls -d *.SAFE | head -1) && "
                   "to=S2A_MSIL2A_2024%sT040551_bad.SAFE "
                   "&& cp -r $from $to && sed -i 's/2024-07-18T/2024-%.2s-%sT/; s/<PRODUCT_URI>.*"
                   "</<PRODUCT_URI>S2A_MSIL2A_2024%sT040551_bad.SAFE</' $to/MTD_MSIL2A.xml && "
                   "f=$(find $to -name "
                   "'*_%s.jp2') && %s",
                   dir, spoils[i].day, spoils[i].day, spoils[i].day + 2, spoils[i].day,
                   spoils[i].band, spoils[i].command);
    size_t n_guises = 0;
    struct cao_names names = { 0 };
    struct cao_error err = { 0 };
    if (test_data(
            "bad_inputs")) { /* each sample as itself, as a station's image and as a MODIS granule */
        test_shell(
            "cp -r --no-preserve=mode '%s' '%s/imagery/samples' && cd '%s/imagery' && mkdir guise "
            "&& for f "
            "in $(cd samples && ls -p | grep -v /); do cp samples/$f guise/own_20240720_$f.tif; "
            "done && cp samples/issue_14356.he4 "
            "guise/MOD13Q1.A2024193.h25v05.061.2024210012345.hdf",
            test_data("bad_inputs"), dir, dir);
        char path[CAO_PATH_MAX];
        snprintf(path, sizeof path, "%s/imagery/guise", dir);
        assert_ok(cao_list_dir(path, &names, &err));
        n_guises = names.n;
    }
    run(dir, "mixed", &s);
    for (size_t i = 0; i < N_SPOILS; i++)
        if (!is_named(&s, spoils[i].file, spoils[i].cause)) {
            show(&s);
            fail_msg("%s ... %s is not said", spoils[i].file, spoils[i].cause);
        }
    for (size_t i = 0; i < n_guises; i++) {
        char id[CAO_PATH_MAX];
        snprintf(id, sizeof id, "%.*s", (int)strlen(names.items[i]) - 4, names.items[i]);
        if (!is_named(&s, id, "")) {
            show(&s);
            fail_msg("%s is not named", names.items[i]);
        }
    }
    assert_true(s.findings.n >= n_sound + N_SPOILS + n_guises);
    cao_names_release(&names);
    cao_run_summary_release(&s);
    test_shell("cd '%s' && diff -r -x run.json -x tile.json -x '*.yaml' -x '*.gpkg' sound mixed",
               dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_input_changes_nothing_but_the_list_of_it),
    };
    return cmocka_run_group_tests_name("bad input", tests, test_gdal_set_up, test_gdal_tear_down) !=
           0;
}
