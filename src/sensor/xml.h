/** @file sensor/xml.h  Metadata in XML. SPDX-License-Identifier: MIT */
#ifndef CAO_SENSOR_XML_H
#define CAO_SENSOR_XML_H
#include <stddef.h>
#include <cpl_minixml.h>
#include "caochu/status.h"

/** Metadata as a tree, without namespaces. A DOCTYPE could make a small file expand without end: none is
 *  needed, and one is refused. CPLDestroyXMLNode(*root), free(*text). @retval CAO_EDATA */
CAO_CHECKED enum cao_status cao_xml_read(const char *path, char **text, size_t *n,
                                         CPLXMLNode **root, struct cao_error *err);
/** The same without one element that holds most of a large document and is not asked for: a tree of
 *  some 10,000 nodes costs milliseconds. Where the element is not there once, all is read. */
CAO_CHECKED enum cao_status cao_xml_read_without(const char *path, const char *element, char **text,
                                                 size_t *n, CPLXMLNode **root,
                                                 struct cao_error *err);
/** The first element of that name anywhere in the document; NULL if there is none. */
CPLXMLNode *cao_xml_search(CPLXMLNode *root, const char *name);
/** Its text; NULL if there is none or it is empty. */
const char *cao_xml_text(CPLXMLNode *root, const char *name);
#endif
