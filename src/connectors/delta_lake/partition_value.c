#include "connectors/delta_lake/partition_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/value_text.h"
#include "connectors/delta_lake/schema.h"

#define ESCAPE_LENGTH 6 /* \u00FF */
#define DATE_LENGTH   10

static char *
finish(WireBuffer *text)
{
	wire_append(text, "", 1);
	if (text->failed)
		give_up_out_of_memory();
	return text->data;
}

/* Does the text say of which zone the time is? */
static bool
has_zone(const char *text)
{
	return strlen(text) > DATE_LENGTH && text[strcspn(text + 1, "Z+") + 1] != '\0';
}

/* A minus behind the date is a zone's, too. */
static bool
has_west_zone(const char *text)
{
	return strlen(text) > DATE_LENGTH && strchr(text + DATE_LENGTH, '-') != NULL;
}

/* A time without a zone is one of UTC. */
static char *
instant(const char *text)
{
	WireBuffer out = {.data = NULL};

	wire_append_text(&out, text);
	if (!has_zone(text) && !has_west_zone(text))
		wire_append_text(&out, strlen(text) > DATE_LENGTH ? "+00" : " 00:00:00+00");
	return finish(&out);
}

/* Bytes are characters, or escapes that another writer has made of each one. */
static char *
binary(const char *text)
{
	size_t length = strlen(text);
	unsigned char *bytes = allocate(length + 1);
	WireBuffer out = {.data = NULL};
	size_t count = 0;
	unsigned byte;

	for (const char *at = text; strncmp(at, "\\u00", 4) == 0 && sscanf(at + 4, "%2x", &byte) == 1;
		 at += ESCAPE_LENGTH)
	{
		bytes[count++] = (unsigned char) byte;
		if (strlen(at) < ESCAPE_LENGTH)
			break;
	}
	if (count * ESCAPE_LENGTH == length)
		value_text_bytes(&out, bytes, count);
	else
		value_text_bytes(&out, text, length);
	free(bytes);
	return finish(&out);
}

char *
delta_partition_value(const JsonNode *values, const char *name, const JsonNode *type)
{
	const char *text = json_member_text(values, name);
	const char *word = json_text(type);

	if (text == NULL || text[0] == '\0')
		return NULL;
	if (word && strcmp(word, "timestamp") == 0)
		return instant(text);
	if (word && strcmp(word, "binary") == 0)
		return binary(text);
	return copy_text(text);
}
