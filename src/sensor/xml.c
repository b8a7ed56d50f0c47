/* SPDX-License-Identifier: MIT */
#include "sensor/xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cpl_error.h>

#include "sensor/sensor.h"

/* Metadata as a tree. A DOCTYPE could make a small file expand without end: none is needed. */
enum cao_status cao_xml_read(const char *path, char **text, size_t *n, CPLXMLNode **root,
                             struct cao_error *err)
{
    char *s = NULL;
    enum cao_status st = cao_metadata_read(path, &s, n, err);
    if (st)
        return st;
    CPLErrorReset();
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLXMLNode *tree = strlen(s) == *n && !strstr(s, "<!DOCTYPE") && !strstr(s, "<!ENTITY")
                           ? CPLParseXMLString(s)
                           : NULL;
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
