#include "connectors/jsontree/json_tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "connectors/common/memory.h"

#define CHUNK_BYTES 65536

/* Nodes and texts lie in chunks, and are freed with them. */
typedef struct Chunk
{
	struct Chunk *next;
	size_t used;
	size_t size;
	char bytes[];
} Chunk;

struct JsonTree
{
	Chunk *chunks;
	JsonNode *root;
	JsonNode *open[MOST_JSON_DEPTH]; /* arrays and objects that have not ended, from the outermost on */
	JsonNode *last[MOST_JSON_DEPTH]; /* what each of them has last */
	int depth;
	const char *name; /* of the next member */
	bool is_too_deep;
};

/* ---- memory ---- */

static void *
take(JsonTree *tree, size_t size)
{
	Chunk *chunk = tree->chunks;
	void *memory;

	size = (size + 7) & ~(size_t) 7;
	if (chunk == NULL || chunk->size - chunk->used < size)
	{
		size_t whole = size > CHUNK_BYTES ? size : CHUNK_BYTES;

		chunk = allocate(sizeof(Chunk) + whole);
		*chunk = (Chunk){.next = tree->chunks, .size = whole};
		tree->chunks = chunk;
	}
	memory = chunk->bytes + chunk->used;
	chunk->used += size;
	return memory;
}

static const char *
take_text(JsonTree *tree, const void *bytes, size_t length)
{
	char *text = take(tree, length + 1);

	if (length > 0)
		memcpy(text, bytes, length);
	text[length] = '\0';
	return text;
}

/* ---- events of the parser ---- */

static JsonNode *
add_node(JsonTree *tree, JsonKind kind)
{
	JsonNode *node = take(tree, sizeof(JsonNode));

	*node = (JsonNode){.kind = kind, .name = tree->name};
	tree->name = NULL;
	if (tree->depth == 0)
		tree->root = node;
	else
	{
		JsonNode *parent = tree->open[tree->depth - 1];
		JsonNode *last = tree->last[tree->depth - 1];

		if (last)
			last->next = node;
		else
			parent->first = node;
		tree->last[tree->depth - 1] = node;
		parent->count++;
	}
	return node;
}

static int
on_null(void *tree)
{
	add_node(tree, JSON_NULL);
	return 1;
}

static int
on_boolean(void *tree, int value)
{
	add_node(tree, value ? JSON_TRUE : JSON_FALSE);
	return 1;
}

static int
on_number(void *tree, const char *digits, size_t length)
{
	JsonNode *node = add_node(tree, JSON_NUMBER);

	node->text = take_text(tree, digits, length);
	node->length = length;
	return 1;
}

static int
on_text(void *tree, const unsigned char *text, size_t length)
{
	JsonNode *node = add_node(tree, JSON_TEXT);

	node->text = take_text(tree, text, length);
	node->length = length;
	return 1;
}

static int
begin(JsonTree *tree, JsonKind kind)
{
	JsonNode *node = add_node(tree, kind);

	if (tree->depth == MOST_JSON_DEPTH)
	{
		tree->is_too_deep = true;
		return 0;
	}
	tree->last[tree->depth] = NULL;
	tree->open[tree->depth++] = node;
	return 1;
}

static int
on_object(void *tree)
{
	return begin(tree, JSON_OBJECT);
}

static int
on_array(void *tree)
{
	return begin(tree, JSON_ARRAY);
}

static int
on_name(void *tree, const unsigned char *name, size_t length)
{
	((JsonTree *) tree)->name = take_text(tree, name, length);
	return 1;
}

static int
on_end(void *tree)
{
	((JsonTree *) tree)->depth--;
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
write_fault(const JsonTree *tree, const char *text, size_t at, char *fault, size_t size)
{
	int line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at; i++)
		if (text[i] == '\n')
		{
			line++;
			start = i + 1;
		}
	if (tree->is_too_deep)
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
	JsonTree *tree = allocate(sizeof(JsonTree));
	yajl_handle parser;
	size_t fault_at;
	bool is_fine;

	memset(tree, 0, sizeof(*tree));
	parser = yajl_alloc(&callbacks, NULL, tree);
	if (parser == NULL)
		allocate(SIZE_MAX);
	is_fine = parse(parser, text, length, &fault_at) && tree->root != NULL;
	if (!is_fine)
		write_fault(tree, text, fault_at, fault, size);
	yajl_free(parser);
	if (is_fine)
		return tree;
	json_tree_free(tree);
	return NULL;
}

const JsonNode *
json_tree_root(const JsonTree *tree)
{
	return tree->root;
}

void
json_tree_free(JsonTree *tree)
{
	if (tree == NULL)
		return;
	while (tree->chunks)
	{
		Chunk *next = tree->chunks->next;

		free(tree->chunks);
		tree->chunks = next;
	}
	free(tree);
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
