/* SPDX-License-Identifier: MIT */
#include "sensor/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>

#include "caochu/text.h"
#include "sensor/sensor.h"

/* Behind "<NAME" or "</NAME" in @p text; NULL: not there. */
static char *tag(char *text, const char *open, const char *name)
{
    char start[80];
    int n = snprintf(start, sizeof start, "%s%s", open, name);
    for (char *at = text; (at = strstr(at, start)) != NULL; at += n)
        if (at[n] == '>' || at[n] == ' ')
            return at;
    return NULL;
}

/* The document without the element, where that stands there once and in plain sight. */
static char *cut(const char *text, const char *element)
{
    char *copy = cao_text_copy(text), *begin = copy ? tag(copy, "<", element) : NULL,
         *end = begin ? tag(begin, "</", element) : NULL;
    char *behind = end ? strchr(end, '>') : NULL;
    if (!behind || strstr(copy, "<!--") || strstr(copy, "<![CDATA") ||
        tag(begin + 1, "<", element)) {
        free(copy);
        return NULL;
    }
    memmove(begin, behind + 1, strlen(behind + 1) + 1);
    return copy;
}

enum cao_status cao_xml_read_without(const char *path, const char *element, char **text, size_t *n,
                                     CPLXMLNode **root, struct cao_error *err)
{
    char *s = NULL;
    enum cao_status st = cao_metadata_read(path, &s, n, err);
    if (st)
        return st;
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    /* A DOCTYPE could make a small file expand without end: none is needed. */
    bool plain = strlen(s) == *n && !strstr(s, "<!DOCTYPE") && !strstr(s, "<!ENTITY");
    char *less = plain && element ? cut(s, element) : NULL;
    CPLXMLNode *tree = less ? CPLParseXMLString(less) : NULL;
    free(less);
    if (!tree && plain)
        tree = CPLParseXMLString(s);
    CPLPopErrorHandler();
    if (!tree) {
        free(s);
        return cao_fail(err, CAO_EDATA, "%s: is not readable XML: %.300s; download it again", path,
                        CPLGetLastErrorMsg()[0] ? CPLGetLastErrorMsg() : "unexpected declarations");
    }
    CPLStripXMLNamespace(tree, NULL, TRUE);
    *text = s;
    *root = tree;
    return CAO_OK;
}

enum cao_status cao_xml_read(const char *path, char **text, size_t *n, CPLXMLNode **root,
                             struct cao_error *err)
{
    return cao_xml_read_without(path, NULL, text, n, root, err);
}

/* The first element of that name anywhere in the document; the equals sign has GDAL look beside the
 * declaration, which is the first node, too. */
CPLXMLNode *cao_xml_search(CPLXMLNode *root, const char *name)
{
    char everywhere[80];
    snprintf(everywhere, sizeof everywhere, "=%s", name);
    return CPLSearchXMLNode(root, everywhere);
}

/* Text of the first element of that name anywhere below; NULL if there is none. */
const char *cao_xml_text(CPLXMLNode *root, const char *name)
{
    CPLXMLNode *node = cao_xml_search(root, name);
    const char *text = node ? CPLGetXMLValue(node, NULL, NULL) : NULL;
    return text && text[0] ? text : NULL;
}
