/* SPDX-License-Identifier: MIT */
#include "raster/torn.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <cpl_vsi.h>

/* ISO/IEC 15444-1: annex I, boxes; annex A, the markers SOC (FF4F) and EOC (FFD9). */
static const uint64_t code_stream_box = 0x6A703263u; /* "jp2c" */

static bool read_at(VSILFILE *f, uint64_t at, unsigned char *to, size_t n)
{
    return VSIFSeekL(f, at, SEEK_SET) == 0 && VSIFReadL(to, 1, n, f) == n;
}

static uint64_t big_endian(const unsigned char *b, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | b[i];
    return v;
}

static bool ends_in_eoc(VSILFILE *f, uint64_t end)
{
    unsigned char last[2];
    return end >= 2 && read_at(f, end - 2, last, 2) && last[0] == 0xFF && last[1] == 0xD9;
}

/* Where the code stream ends as its box says; 0 where a box runs past the file or none holds one. */
static uint64_t code_stream_end(VSILFILE *f, uint64_t size)
{
    unsigned char head[16];
    uint64_t at = 0, found = 0;
    while (at + 8 <= size) {
        if (!read_at(f, at, head, 8))
            return 0;
        uint64_t length = big_endian(head, 4), least = 8;
        if (length == 1) {
            if (!read_at(f, at + 8, head + 8, 8))
                return 0;
            length = big_endian(head + 8, 8);
            least = 16;
        } else if (length == 0) { /* to the end of the file */
            length = size - at;
        }
        if (length < least || length > size - at)
            return 0;
        if (big_endian(head + 4, 4) == code_stream_box)
            found = at + length;
        at += length;
    }
    return found;
}

static bool is_whole(VSILFILE *f)
{
    unsigned char head[2];
    if (VSIFSeekL(f, 0, SEEK_END) != 0)
        return false;
    uint64_t size = VSIFTellL(f);
    if (!read_at(f, 0, head, 2))
        return false;
    bool bare = head[0] == 0xFF && head[1] == 0x4F;
    uint64_t end = bare ? size : code_stream_end(f, size);
    return end && ends_in_eoc(f, end);
}

enum cao_status cao_jp2_whole(const char *path, struct cao_error *err)
{
    VSILFILE *f = VSIFOpenL(path, "rb");
    if (!f)
        return cao_fail(err, CAO_EIO, "%s: cannot be opened", path);
    bool whole = is_whole(f);
    if (VSIFCloseL(f) != 0)
        whole = false;
    return whole
               ? CAO_OK
               : cao_fail(err, CAO_EDATA,
                          "%s: the file is incomplete (the JPEG 2000 data stop before their end); "
                          "download it again",
                          path);
}
