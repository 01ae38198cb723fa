#include "connectors/http_api/yaml_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "connectors/common/memory.h"
#include "connectors/jsontree/json_builder.h"

#define MOST_ANCHORS 1000

typedef struct Anchor
{
	char *name;
	JsonNode *node;
} Anchor;

typedef struct Reading
{
	yaml_parser_t parser;
	JsonTree *tree;
	Anchor anchors[MOST_ANCHORS];
	int anchor_count;
	int nodes;
	bool is_key[MOST_JSON_DEPTH + 1]; /* of each mapping that is open: a name comes next */
	bool is_mapping[MOST_JSON_DEPTH + 1];
	int depth;
	const char *fault;
} Reading;

/* ---- values ---- */

static bool
is_number(const char *text)
{
	size_t digits;

	text += *text == '-';
	digits = strspn(text, "0123456789");
	if (digits == 0 || (digits > 1 && *text == '0'))
		return false;
	text += digits;
	if (*text == '.')
	{
		digits = strspn(++text, "0123456789");
		text += digits;
	}
	if (digits > 0 && (*text == 'e' || *text == 'E'))
	{
		text += 1 + (text[1] == '+' || text[1] == '-');
		digits = strspn(text, "0123456789");
		text += digits;
	}
	return digits > 0 && *text == '\0';
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static JsonKind
kind_of_plain(const char *text)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
	static const char *const truths[] = {"true", "True", "TRUE", NULL};
	static const char *const untruths[] = {"false", "False", "FALSE", NULL};

	if (is_one_of(text, nulls))
		return JSON_NULL;
	if (is_one_of(text, truths))
		return JSON_TRUE;
	if (is_one_of(text, untruths))
		return JSON_FALSE;
	return is_number(text) ? JSON_NUMBER : JSON_TEXT;
}

static JsonNode *
add_scalar(Reading *reading, const yaml_event_t *event)
{
	const char *text = (const char *) event->data.scalar.value;
	bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	JsonKind kind = is_plain && strlen(text) == event->data.scalar.length ? kind_of_plain(text) : JSON_TEXT;
	bool has_text = kind == JSON_TEXT || kind == JSON_NUMBER;

	return json_build_value(reading->tree, kind, has_text ? text : NULL, event->data.scalar.length);
}

/* ---- anchors ---- */

static void
keep_anchor(Reading *reading, const yaml_char_t *name, JsonNode *node)
{
	if (name == NULL)
		return;
	if (reading->anchor_count == MOST_ANCHORS)
		reading->fault = "it has too many anchors";
	else
		reading->anchors[reading->anchor_count++] =
			(Anchor){.name = copy_text((const char *) name), .node = node};
}

/* A node that is repeated may hold others that were, so that a few lines could stand for any number. */
static void
repeat(Reading *reading, const JsonNode *node)
{
	if (++reading->nodes > MOST_YAML_NODES)
		reading->fault = "its aliases stand for too much";
	if (reading->fault != NULL)
		return;
	if (node->kind != JSON_OBJECT && node->kind != JSON_ARRAY)
	{
		json_build_value(reading->tree, node->kind, node->text, node->length);
		return;
	}
	if (!json_build_open(reading->tree, node->kind))
	{
		reading->fault = "it is nested too deeply";
		return;
	}
	for (const JsonNode *each = node->first; each != NULL && reading->fault == NULL; each = each->next)
	{
		if (node->kind == JSON_OBJECT)
			json_build_name(reading->tree, each->name, strlen(each->name));
		repeat(reading, each);
	}
	json_build_close(reading->tree);
}

static void
add_alias(Reading *reading, const char *name)
{
	for (int i = reading->anchor_count - 1; i >= 0; i--)
		if (strcmp(reading->anchors[i].name, name) == 0)
		{
			if (json_build_is_open(reading->tree, reading->anchors[i].node))
				reading->fault = "an alias stands within what it stands for";
			else
				repeat(reading, reading->anchors[i].node);
			return;
		}
	reading->fault = "an alias has no anchor";
}

/* ---- events ---- */

static void
open_container(Reading *reading, JsonKind kind, const yaml_char_t *anchor)
{
	JsonNode *node = reading->depth < MOST_JSON_DEPTH ? json_build_open(reading->tree, kind) : NULL;

	if (node == NULL)
	{
		reading->fault = "it is nested too deeply";
		return;
	}
	keep_anchor(reading, anchor, node);
	reading->is_mapping[++reading->depth] = kind == JSON_OBJECT;
	reading->is_key[reading->depth] = kind == JSON_OBJECT;
}

static bool
takes_name(const Reading *reading)
{
	return reading->depth > 0 && reading->is_mapping[reading->depth] && reading->is_key[reading->depth];
}

/* A name that is no text has no place in JSON. */
static void
take_name(Reading *reading, const yaml_event_t *event)
{
	if (event->type != YAML_SCALAR_EVENT)
	{
		reading->fault = "the name of a member is no text";
		return;
	}
	json_build_name(reading->tree, (const char *) event->data.scalar.value, event->data.scalar.length);
	reading->is_key[reading->depth] = false;
}

static void
end_value(Reading *reading)
{
	if (reading->depth > 0)
		reading->is_key[reading->depth] = reading->is_mapping[reading->depth];
}

static void
take_value(Reading *reading, const yaml_event_t *event)
{
	switch (event->type)
	{
		case YAML_SCALAR_EVENT:
			keep_anchor(reading, event->data.scalar.anchor, add_scalar(reading, event));
			end_value(reading);
			break;
		case YAML_ALIAS_EVENT:
			add_alias(reading, (const char *) event->data.alias.anchor);
			end_value(reading);
			break;
		case YAML_MAPPING_START_EVENT:
			open_container(reading, JSON_OBJECT, event->data.mapping_start.anchor);
			break;
		default:
			open_container(reading, JSON_ARRAY, event->data.sequence_start.anchor);
	}
}

static void
take(Reading *reading, const yaml_event_t *event)
{
	switch (event->type)
	{
		case YAML_MAPPING_END_EVENT:
		case YAML_SEQUENCE_END_EVENT:
			json_build_close(reading->tree);
			reading->depth--;
			end_value(reading);
			break;
		case YAML_SCALAR_EVENT:
		case YAML_ALIAS_EVENT:
		case YAML_MAPPING_START_EVENT:
		case YAML_SEQUENCE_START_EVENT:
			if (++reading->nodes > MOST_YAML_NODES)
				reading->fault = "it has too many values";
			else if (takes_name(reading))
				take_name(reading, event);
			else
				take_value(reading, event);
			break;
		default:
			break;
	}
}

/* Reads the first document of the text. */
static void
read_events(Reading *reading)
{
	bool has_ended = false;

	while (!has_ended && reading->fault == NULL)
	{
		yaml_event_t event;

		if (!yaml_parser_parse(&reading->parser, &event))
		{
			reading->fault = reading->parser.problem ? reading->parser.problem : "it is no YAML";
			return;
		}
		has_ended = event.type == YAML_DOCUMENT_END_EVENT || event.type == YAML_STREAM_END_EVENT;
		take(reading, &event);
		yaml_event_delete(&event);
	}
}

JsonTree *
yaml_tree_read(const char *text, size_t length, char *fault, size_t size)
{
	Reading *reading = allocate(sizeof(Reading));
	JsonTree *tree;

	memset(reading, 0, sizeof(*reading));
	reading->tree = json_build_begin();
	if (!yaml_parser_initialize(&reading->parser))
		allocate(SIZE_MAX);
	yaml_parser_set_input_string(&reading->parser, (const unsigned char *) text, length);
	read_events(reading);
	if (reading->fault == NULL && json_build_root(reading->tree) == NULL)
		reading->fault = "it is empty";
	if (reading->fault != NULL)
	{
		snprintf(fault, size, "%.100s in line %zu", reading->fault, reading->parser.mark.line + 1);
		json_tree_free(reading->tree);
		reading->tree = NULL;
	}
	yaml_parser_delete(&reading->parser);
	for (int i = 0; i < reading->anchor_count; i++)
		free(reading->anchors[i].name);
	tree = reading->tree;
	free(reading);
	return tree;
}
