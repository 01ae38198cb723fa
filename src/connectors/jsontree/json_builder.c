#include "connectors/jsontree/json_builder.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- values ---- */

JsonTree *
json_build_begin(void)
{
	JsonTree *tree = allocate(sizeof(JsonTree));

	memset(tree, 0, sizeof(*tree));
	return tree;
}

JsonNode *
json_build_value(JsonTree *tree, JsonKind kind, const char *text, size_t length)
{
	JsonNode *node = take(tree, sizeof(JsonNode));

	*node = (JsonNode){.kind = kind, .name = tree->name};
	tree->name = NULL;
	if (text != NULL)
	{
		node->text = take_text(tree, text, length);
		node->length = length;
	}
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

JsonNode *
json_build_open(JsonTree *tree, JsonKind kind)
{
	JsonNode *node = json_build_value(tree, kind, NULL, 0);

	if (tree->depth == MOST_JSON_DEPTH)
		return NULL;
	tree->last[tree->depth] = NULL;
	tree->open[tree->depth++] = node;
	return node;
}

void
json_build_name(JsonTree *tree, const char *name, size_t length)
{
	tree->name = take_text(tree, name, length);
}

void
json_build_close(JsonTree *tree)
{
	tree->depth--;
}

bool
json_build_is_open(const JsonTree *tree, const JsonNode *node)
{
	for (int i = 0; i < tree->depth; i++)
		if (tree->open[i] == node)
			return true;
	return false;
}

const JsonNode *
json_build_root(const JsonTree *tree)
{
	return tree->root;
}

void
json_build_free(JsonTree *tree)
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
