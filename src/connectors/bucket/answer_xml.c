#include "connectors/bucket/answer_xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MOST_DEPTH 8
#define MOST_TEXT  65536

typedef struct XmlReading
{
	XML_Parser parser;
	XmlElement element;
	void *argument;
	char *names[MOST_DEPTH];
	int depth;
	WireBuffer text; /* of the innermost element */
	bool is_refused;
} XmlReading;

static void
refuse(XmlReading *reading)
{
	reading->is_refused = true;
	(void) XML_StopParser(reading->parser, XML_FALSE);
}

static const char *
parent_of(const XmlReading *reading)
{
	return reading->depth >= 2 ? reading->names[reading->depth - 2] : "";
}

static void XMLCALL
begin_element(void *argument, const XML_Char *name, const XML_Char **attributes)
{
	XmlReading *reading = argument;
	const char *colon = strchr(name, ':');

	(void) attributes;
	if (reading->depth == MOST_DEPTH)
	{
		refuse(reading);
		return;
	}
	reading->names[reading->depth++] = copy_text(colon ? colon + 1 : name);
	wire_reset(&reading->text);
	reading->element(reading->argument, parent_of(reading), reading->names[reading->depth - 1], NULL);
}

static void XMLCALL
end_element(void *argument, const XML_Char *name)
{
	XmlReading *reading = argument;

	(void) name;
	wire_append(&reading->text, "", 1);
	if (reading->text.failed)
		give_up_out_of_memory();
	reading->element(reading->argument, parent_of(reading), reading->names[reading->depth - 1],
					 reading->text.data);
	free(reading->names[--reading->depth]);
	wire_reset(&reading->text);
}

static void XMLCALL
take_text(void *argument, const XML_Char *text, int length)
{
	XmlReading *reading = argument;

	if (reading->text.length + (size_t) length > MOST_TEXT)
		refuse(reading);
	else
		wire_append(&reading->text, text, (size_t) length);
}

static void XMLCALL
refuse_document_type(void *argument, const XML_Char *name, const XML_Char *system, const XML_Char *public,
					 int has_internal)
{
	(void) name;
	(void) system;
	(void) public;
	(void) has_internal;
	refuse(argument);
}

bool
answer_xml_read(const char *text, size_t length, XmlElement element, void *argument)
{
	XmlReading reading = {.parser = XML_ParserCreate("UTF-8"), .element = element, .argument = argument};
	bool fine;

	if (reading.parser == NULL)
		give_up_out_of_memory();
	XML_SetUserData(reading.parser, &reading);
	XML_SetElementHandler(reading.parser, begin_element, end_element);
	XML_SetCharacterDataHandler(reading.parser, take_text);
	XML_SetStartDoctypeDeclHandler(reading.parser, refuse_document_type);
	fine = XML_Parse(reading.parser, text ? text : "", (int) length, XML_TRUE) == XML_STATUS_OK &&
		   !reading.is_refused;
	while (reading.depth > 0)
		free(reading.names[--reading.depth]);
	wire_free(&reading.text);
	XML_ParserFree(reading.parser);
	return fine;
}
