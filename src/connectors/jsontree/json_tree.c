#include "connectors/jsontree/json_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "connectors/common/memory.h"
#include "connectors/jsontree/json_builder.h"

typedef struct Reading
{
	JsonTree *tree;
	bool is_too_deep;
} Reading;

/* ---- events of the parser ---- */

static JsonTree *
tree_of(void *reading)
{
	return ((Reading *) reading)->tree;
}

static int
on_null(void *reading)
{
	json_build_value(tree_of(reading), JSON_NULL, NULL, 0);
	return 1;
}

static int
on_boolean(void *reading, int value)
{
	json_build_value(tree_of(reading), value ? JSON_TRUE : JSON_FALSE, NULL, 0);
	return 1;
}

static int
on_number(void *reading, const char *digits, size_t length)
{
	json_build_value(tree_of(reading), JSON_NUMBER, digits, length);
	return 1;
}

/* An empty text has no bytes, and is a text all the same. */
static int
on_text(void *reading, const unsigned char *text, size_t length)
{
	json_build_value(tree_of(reading), JSON_TEXT, length > 0 ? (const char *) text : "", length);
	return 1;
}

static int
begin(Reading *reading, JsonKind kind)
{
	reading->is_too_deep = json_build_open(reading->tree, kind) == NULL;
	return !reading->is_too_deep;
}

static int
on_object(void *reading)
{
	return begin(reading, JSON_OBJECT);
}

static int
on_array(void *reading)
{
	return begin(reading, JSON_ARRAY);
}

static int
on_name(void *reading, const unsigned char *name, size_t length)
{
	json_build_name(tree_of(reading), (const char *) name, length);
	return 1;
}

static int
on_end(void *reading)
{
	json_build_close(tree_of(reading));
	return 1;
}

static const yajl_callbacks callbacks = {.yajl_null = on_null,
										 .yajl_boolean = on_boolean,
										 .yajl_number = on_number,
										 .yajl_string = on_text,
										 .yajl_start_map = on_object,
										 .yajl_map_key = on_name,
										 .yajl_end_map = on_end,
										 .yajl_start_array = on_array,
										 .yajl_end_array = on_end};

/* ---- trees ---- */

/* Where in the text: its line, and the byte in it. */
static void
write_fault(bool is_too_deep, const char *text, size_t at, char *fault, size_t size)
{
	int line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at; i++)
		if (text[i] == '\n')
		{
			line++;
			start = i + 1;
		}
	if (is_too_deep)
		snprintf(fault, size, "it is nested in more than %d levels in line %d, byte %zu", MOST_JSON_DEPTH,
				 line, at - start + 1);
	else
		snprintf(fault, size, "it is no JSON in line %d, byte %zu", line, at - start + 1);
}

/* At its end the parser is given a space, and counts that alone: a text that is cut has its fault at its end.
 */
static bool
parse(yajl_handle parser, const char *text, size_t length, size_t *fault_at)
{
	bool is_fine = yajl_parse(parser, (const unsigned char *) text, length) == yajl_status_ok;

	*fault_at = is_fine ? length : yajl_get_bytes_consumed(parser);
	return is_fine && yajl_complete_parse(parser) == yajl_status_ok;
}

JsonTree *
json_tree_read(const char *text, size_t length, char *fault, size_t size)
{
	Reading reading = {.tree = json_build_begin()};
	yajl_handle parser = yajl_alloc(&callbacks, NULL, &reading);
	size_t fault_at;
	bool is_fine;

	if (parser == NULL)
		allocate(SIZE_MAX);
	is_fine = parse(parser, text, length, &fault_at) && json_build_root(reading.tree) != NULL;
	if (!is_fine)
		write_fault(reading.is_too_deep, text, fault_at, fault, size);
	yajl_free(parser);
	if (is_fine)
		return reading.tree;
	json_build_free(reading.tree);
	return NULL;
}

const JsonNode *
json_tree_root(const JsonTree *tree)
{
	return json_build_root(tree);
}

void
json_tree_free(JsonTree *tree)
{
	json_build_free(tree);
}

/* ---- nodes ---- */

const JsonNode *
json_member(const JsonNode *object, const char *name)
{
	const JsonNode *found = NULL;

	if (object == NULL || object->kind != JSON_OBJECT)
		return NULL;
	for (const JsonNode *member = object->first; member; member = member->next)
		if (strcmp(member->name, name) == 0)
			found = member;
	return found && found->kind != JSON_NULL ? found : NULL;
}

const char *
json_text(const JsonNode *node)
{
	return node && node->kind == JSON_TEXT ? node->text : NULL;
}

const char *
json_member_text(const JsonNode *object, const char *name)
{
	return json_text(json_member(object, name));
}

bool
json_integer(const JsonNode *node, int64_t *number)
{
	char *end;
	long long value;

	if (node == NULL || node->kind != JSON_NUMBER)
		return false;
	errno = 0;
	value = strtoll(node->text, &end, 10);
	if (errno != 0 || *end != '\0')
		return false;
	*number = value;
	return true;
}

bool
json_member_integer(const JsonNode *object, const char *name, int64_t *number)
{
	return json_integer(json_member(object, name), number);
}

bool
json_member_is_true(const JsonNode *object, const char *name)
{
	const JsonNode *member = json_member(object, name);

	return member && member->kind == JSON_TRUE;
}
