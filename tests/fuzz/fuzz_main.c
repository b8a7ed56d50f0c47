/* SPDX-License-Identifier: MIT
 * One target under libFuzzer: CAO_FUZZ=project build/fuzz-clang/fuzz CORPUS; see `make fuzz`. */
#include "fuzz/targets.h"

#include "caochu/reader.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("CAO_FUZZ");
    (void)argc;
    (void)argv;
    for (size_t i = 0; name && i < N_FUZZ_TARGETS; i++)
        if (strcmp(fuzz_targets[i].name, name) == 0)
            target = &fuzz_targets[i];
    if (!target || cao_raster_setup(64, NULL)) {
        fputs("set CAO_FUZZ to the name of a target\n", stderr);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    target->feed(data, n);
    return 0;
}
