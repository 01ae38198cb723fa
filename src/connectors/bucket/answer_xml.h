/*
 * answer_xml.h — the elements of a small XML document that have texts. Names are local ones: services put
 * them into different name spaces. A document type is refused, since entities could make a small text large.
 */
#ifndef RG_BUCKET_ANSWER_XML_H
#define RG_BUCKET_ANSWER_XML_H

#include <stdbool.h>
#include <stddef.h>

/* An element begins (text is NULL) or has ended. parent: the name of the element around it, or "". */
typedef void (*XmlElement)(void *argument, const char *parent, const char *name, const char *text);

/* Returns false if the text is no such document. */
extern bool answer_xml_read(const char *text, size_t length, XmlElement element, void *argument);

#endif
