/* SPDX-License-Identifier: MIT */
#include "caochu/format.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include <cpl_error.h>
#include <cpl_vsi.h>

enum { HEAD = 1024 };

/* How files begin that are often found, or put, in place of an image. */
static const struct row {
    const char *start;
    size_t n;
    const char *words;
} rows[] = {
#define STARTS(bytes) bytes, sizeof(bytes) - 1
    { STARTS("\x89HDF\r\n\x1a\n"), "it is an HDF5 (or netCDF-4) file" },
    { STARTS("\x0e\x03\x13\x01"), "it is an HDF4 file" },
    { STARTS("CDF\x01"), "it is a netCDF file" },
    { STARTS("CDF\x02"), "it is a netCDF file" },
    { STARTS("CDF\x05"), "it is a netCDF file" },
    { STARTS("PK\x03\x04"), "it is a zip archive" },
    { STARTS("\x1f\x8b"), "it is packed by gzip; unpack it" },
    { STARTS("\x89PNG"), "it is a PNG picture" },
    { STARTS("\xff\xd8\xff"), "it is a JPEG picture" },
    { STARTS("GIF8"), "it is a GIF picture" },
    { STARTS("%PDF"), "it is a PDF document" },
    { STARTS("SQLite format 3"), "it is an SQLite or GeoPackage file" },
    { STARTS("version https://git-lfs"), "it is a pointer of Git LFS in place of the file" },
};
/* XML and HTML by their first element, which may stand behind blanks, a declaration and comments. */
static const struct row elements[] = {
    { STARTS("<VRTDataset"),
      "it is a VRT, a list of other files or addresses, which is not followed" },
    { STARTS("<OGRVRTDataSource"),
      "it is a VRT, a list of other files or addresses, which is not followed" },
    { STARTS("<GDAL_WMS"), "it is the address of a web service, which is not followed" },
    { STARTS("<GDAL_WCS"), "it is the address of a web service, which is not followed" },
    { STARTS("<GDAL_WMTS"), "it is the address of a web service, which is not followed" },
    { STARTS("<WMT_MS_Capabilities"), "it is the address of a web service, which is not followed" },
    { STARTS("<WMS_"), "it is the address of a web service, which is not followed" },
    { STARTS("<Capabilities"), "it is the address of a web service, which is not followed" },
    { STARTS("<!DOCTYPE html"),
      "it is a web page, such as a server gives to one who is not logged in" },
    { STARTS("<html"), "it is a web page, such as a server gives to one who is not logged in" },
};
static const char *const remote[] = { "http://", "https://", "ftp://", "s3://",
                                      "gs://",   "/vsi",     "WMS:" };

static const char *first_element(const char *text)
{
    for (const char *at = text; (at = strchr(at, '<')) != NULL; at++)
        if (strncmp(at, "<?", 2) != 0 && strncmp(at, "<!--", 4) != 0)
            return at;
    return NULL;
}

static bool is_text(const char *head, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isprint((unsigned char)head[i]) && !isspace((unsigned char)head[i]) &&
            (unsigned char)head[i] < 0x80)
            return false;
    return true;
}

static const char *of_text(const char *head)
{
    const char *element = first_element(head);
    for (size_t i = 0; element && i < sizeof elements / sizeof elements[0]; i++)
        if (strncasecmp(element, elements[i].start, elements[i].n) == 0)
            return elements[i].words;
    for (size_t i = 0; i < sizeof remote / sizeof remote[0]; i++)
        if (strncmp(head, remote[i], strlen(remote[i])) == 0)
            return "it is the text of an address, which is not followed";
    return element == head ? "it is XML text and no image" : "it is text and no image";
}

static bool is_image(const char *head)
{
    static const char *const starts[] = {
        "II*", "MM\0*", "II+", "MM\0+", "\xff\x4f\xff\x51", "\0\0\0\x0cjP  "
    };
    static const size_t n[] = { 3, 4, 3, 4, 4, 8 };
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++)
        if (memcmp(head, starts[i], n[i]) == 0)
            return true;
    return false;
}

/* Bytes of the file's beginning; a NUL behind them. *opens is false where there is no such file. */
static size_t read_head(const char *path, char head[HEAD + 1], bool *opens)
{
    memset(head, 0, HEAD + 1);
    CPLPushErrorHandler(CPLQuietErrorHandler);
    VSILFILE *f = VSIFOpenL(path, "rb");
    size_t n = f ? VSIFReadL(head, 1, HEAD, f) : 0;
    if (f && VSIFCloseL(f) != 0)
        n = 0;
    CPLPopErrorHandler();
    *opens = f != NULL;
    return n;
}

static uint32_t big_endian(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool cao_format_jp2_size(const char *path, int *width, int *height)
{
    char head[HEAD + 1];
    bool opens;
    size_t n = read_head(path, head, &opens), at = 0;
    if (n < 16 || memcmp(head, "\0\0\0\x0cjP  ", 8) != 0)
        return false;
    while (at + 24 <= n) { /* the image header is the first box within the header's box */
        uint32_t length = big_endian(head + at);
        if (memcmp(head + at + 4, "jp2h", 4) == 0) {
            uint32_t h = big_endian(head + at + 16), w = big_endian(head + at + 20);
            if (memcmp(head + at + 12, "ihdr", 4) != 0 || w == 0 || h == 0 || w > 1u << 24 ||
                h > 1u << 24)
                return false;
            *width = (int)w;
            *height = (int)h;
            return true;
        }
        if (length < 8 || length > n)
            return false;
        at += length;
    }
    return false;
}

const char *cao_format_words(const char *path)
{
    char head[HEAD + 1];
    bool opens;
    size_t n = read_head(path, head, &opens);
    if (n == 0)
        return opens ? "the file is empty or cannot be read" : NULL;
    if (is_image(head))
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (memcmp(head, rows[i].start, rows[i].n) == 0)
            return rows[i].words;
    size_t zeros = 0;
    while (zeros < n && head[zeros] == '\0')
        zeros++;
    if (zeros == n)
        return "it begins with zeros: it was laid out but not filled";
    if (!is_text(head, n))
        return NULL;
    const char *text = head + strspn(head, "\xef\xbb\xbf \t\r\n");
    return of_text(text);
}
