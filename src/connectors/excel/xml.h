/*
 * xml.h — a part that is XML, read piece by piece. Names are without their namespaces. A document type ends
 * the process, as do elements in more than 64 others and a mistake of syntax.
 */
#ifndef RG_EXCEL_XML_H
#define RG_EXCEL_XML_H

#include "connectors/excel/package.h"

typedef struct XmlHandlers
{
	/* attributes: names and values, up to a NULL. */
	void (*start)(void *context, const char *name, const char **attributes);
	void (*end)(void *context, const char *name);
	void (*text)(void *context, const char *bytes, size_t length); /* or NULL */
} XmlHandlers;

typedef struct Xml Xml;

extern Xml *xml_open(const Package *package, const char *part, const XmlHandlers *handlers, void *context);

/* Reads until the end of an element calls xml_pause(). Returns false at the end of the part. */
extern bool xml_next(Xml *xml);
extern void xml_pause(Xml *xml);

extern void xml_close(Xml *xml);

/* Reads the whole part. */
extern void xml_read(const Package *package, const char *part, const XmlHandlers *handlers, void *context);

/* The attribute of this name, or NULL. */
extern const char *xml_attribute(const char **attributes, const char *name);

/* The value of an attribute that is true or false. */
extern bool xml_flag(const char **attributes, const char *name, bool otherwise);

/* A number that is not negative; `otherwise` if there is none. */
extern int64_t xml_number(const char **attributes, const char *name, int64_t otherwise);

#endif
