#include "connectors/csv/wishes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"

static WireObject options;

/* Returns the option's text, or NULL; one that is no text ends the process. */
static char *
text_option(const char *name)
{
	WireSpan value = wire_member(&options, name);
	char message[64];

	if (value.start == NULL)
		return NULL;
	if (value.start[0] == '"')
		return wire_string_dup(value);
	snprintf(message, sizeof(message), "metadata.%s is no text.", name);
	configuration_fails(message, NULL);
}

static void
read_encoding(TableWishes *wishes)
{
	char *name = text_option("encoding");

	if (name == NULL)
		return;
	wishes->encoding = encoding_of_name(name);
	if (wishes->encoding == ENCODING_UNKNOWN)
		configuration_fails("metadata.encoding names an encoding that is not known.",
							"UTF-8, UTF-16LE, UTF-16BE, UTF-32LE, UTF-32BE and Windows-1252 are.");
	free(name);
}

static void
read_delimiter(TableWishes *wishes)
{
	char *text = text_option("delimiter");

	if (text == NULL)
		return;
	if (strcmp(text, "\\t") == 0)
		strcpy(text, "\t");
	if (strlen(text) != 1 || (unsigned char) text[0] >= 0x80 || strchr("\"\r\n", text[0]))
		configuration_fails("metadata.delimiter is not one ASCII character.", "A tab is written \"\\t\".");
	wishes->layout.delimiter = text[0];
	free(text);
}

static void
read_quote(TableWishes *wishes)
{
	char *text = text_option("quote");

	if (text == NULL)
		return;
	if (strcmp(text, "none") == 0)
		wishes->layout.no_quote = true;
	else if (strcmp(text, "\"") == 0 || strcmp(text, "'") == 0)
		wishes->layout.quote = text[0];
	else
		configuration_fails("metadata.quote is not \", ' or none.", NULL);
	free(text);
}

static void
read_header(TableWishes *wishes)
{
	WireSpan value = wire_member(&options, "header");
	bool has_header;

	if (value.start == NULL)
		return;
	if (!wire_boolean(value, &has_header))
		configuration_fails("metadata.header is not true or false.", NULL);
	wishes->layout.header = has_header ? CHOICE_YES : CHOICE_NO;
}

void
wishes_read(const Request *request, TableWishes *wishes)
{
	*wishes = (TableWishes){.encoding = ENCODING_UNKNOWN};
	if (request->options == NULL ||
		wire_object_scan(request->options, strlen(request->options), &options) != NULL)
		return;
	read_encoding(wishes);
	read_delimiter(wishes);
	read_quote(wishes);
	read_header(wishes);
}
