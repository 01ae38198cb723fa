#include "connectors/excel/xml.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"

#define PIECE_BYTES 65536
#define MOST_DEPTH  64
/* Of a tag, or of what stands between two. */
#define MOST_MARKUP (INT64_C(16) << 20)

struct Xml
{
	XML_Parser parser;
	Part *part;
	char *name;
	XmlHandlers handlers;
	void *context;
	int depth;
	int64_t taken;   /* bytes of the part */
	int64_t element; /* as many when the last element began or ended */
	bool is_paused;
	bool has_ended;
};

#if XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION < 9
#define XML_GetCurrentLineNumber64(parser) XML_GetCurrentLineNumber(parser)
#endif

static void give_up_xml(const Xml *xml, const char *what) __attribute__((noreturn));

static void
give_up_xml(const Xml *xml, const char *what)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "%.200s, line %llu: %.200s", xml->name,
			 (unsigned long long) XML_GetCurrentLineNumber64(xml->parser), what);
	give_up_broken("A part of the workbook is no XML as it must be.", detail);
}

static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void
start_element(void *state, const char *name, const char **attributes)
{
	Xml *xml = state;

	if (++xml->depth > MOST_DEPTH)
		give_up_xml(xml, "more than 64 elements in one another");
	xml->element = xml->taken;
	xml->handlers.start(xml->context, local_name(name), attributes);
}

static void
end_element(void *state, const char *name)
{
	Xml *xml = state;

	xml->depth--;
	xml->element = xml->taken;
	xml->handlers.end(xml->context, local_name(name));
}

static void
characters(void *state, const char *bytes, int length)
{
	Xml *xml = state;

	xml->handlers.text(xml->context, bytes, (size_t) length);
}

static void
start_document_type(void *state, const char *name, const char *system, const char *public, int has_subset)
{
	(void) name;
	(void) system;
	(void) public;
	(void) has_subset;
	give_up_xml(state, "a document type, which workbooks do not have");
}

Xml *
xml_open(const Package *package, const char *part, const XmlHandlers *handlers, void *context)
{
	static const XML_Memory_Handling_Suite memory = {malloc, realloc, free};
	Xml *xml = allocate(sizeof(Xml));

	*xml =
		(Xml){.parser = XML_ParserCreate_MM(NULL, &memory, NULL), .handlers = *handlers, .context = context};
	if (xml->parser == NULL)
		give_up_out_of_memory();
	xml->part = part_open(package, part);
	xml->name = copy_text(part);
	XML_SetUserData(xml->parser, xml);
	XML_SetParamEntityParsing(xml->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	XML_SetElementHandler(xml->parser, start_element, end_element);
	XML_SetStartDoctypeDeclHandler(xml->parser, start_document_type);
	if (handlers->text)
		XML_SetCharacterDataHandler(xml->parser, characters);
	return xml;
}

static enum XML_Status
parse_piece(Xml *xml)
{
	void *piece = XML_GetBuffer(xml->parser, PIECE_BYTES);
	size_t length;

	if (piece == NULL)
		give_up_out_of_memory();
	length = part_read(xml->part, piece, PIECE_BYTES);
	xml->taken += (int64_t) length;
	xml->has_ended = length == 0;
	if (xml->taken - xml->element > MOST_MARKUP)
		give_up_xml(xml, "a tag of more than 16 MiB");
	return XML_ParseBuffer(xml->parser, (int) length, xml->has_ended);
}

bool
xml_next(Xml *xml)
{
	while (xml->is_paused || !xml->has_ended)
	{
		enum XML_Status status = xml->is_paused ? XML_ResumeParser(xml->parser) : parse_piece(xml);

		xml->is_paused = status == XML_STATUS_SUSPENDED;
		if (status == XML_STATUS_ERROR && XML_GetErrorCode(xml->parser) == XML_ERROR_NO_MEMORY)
			give_up_out_of_memory();
		if (status == XML_STATUS_ERROR)
			give_up_xml(xml, XML_ErrorString(XML_GetErrorCode(xml->parser)));
		if (xml->is_paused)
			return true;
	}
	return false;
}

void
xml_pause(Xml *xml)
{
	XML_StopParser(xml->parser, XML_TRUE);
}

void
xml_close(Xml *xml)
{
	XML_ParserFree(xml->parser);
	part_close(xml->part);
	free(xml->name);
	free(xml);
}

void
xml_read(const Package *package, const char *part, const XmlHandlers *handlers, void *context)
{
	Xml *xml = xml_open(package, part, handlers, context);

	while (xml_next(xml))
		;
	xml_close(xml);
}

const char *
xml_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (strcmp(local_name(attributes[0]), name) == 0)
			return attributes[1];
	return NULL;
}

bool
xml_flag(const char **attributes, const char *name, bool otherwise)
{
	const char *value = xml_attribute(attributes, name);

	if (value == NULL)
		return otherwise;
	return strcmp(value, "1") == 0 || strcmp(value, "true") == 0 || strcmp(value, "on") == 0;
}

int64_t
xml_number(const char **attributes, const char *name, int64_t otherwise)
{
	const char *value = xml_attribute(attributes, name);
	int64_t number = 0;

	if (value == NULL || *value == '\0')
		return otherwise;
	for (; *value; value++)
	{
		if (*value < '0' || *value > '9' || number > INT64_C(100000000000))
			return otherwise;
		number = number * 10 + (*value - '0');
	}
	return number;
}
