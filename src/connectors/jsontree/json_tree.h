/*
 * json_tree.h — a JSON text as a tree, for texts that must be read whole. What is nested in more than
 * MOST_JSON_DEPTH levels is refused. Of a member that stands twice in an object, the last one counts.
 */
#ifndef RG_JSONTREE_JSON_TREE_H
#define RG_JSONTREE_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_JSON_DEPTH 100

typedef enum JsonKind
{
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT
} JsonKind;

typedef struct JsonNode JsonNode;

struct JsonNode
{
	JsonKind kind;
	const char *name; /* of a member; NULL for others */
	const char *text; /* of a text, and the digits of a number; with a zero behind it */
	size_t length;    /* of the text */
	int count;        /* of elements or members */
	JsonNode *first;  /* element or member */
	JsonNode *next;   /* beside this one */
};

typedef struct JsonTree JsonTree;

/* Returns NULL if the text is no JSON, with the reason: a text of at most `size` bytes. */
extern JsonTree *json_tree_read(const char *text, size_t length, char *fault, size_t size);

extern const JsonNode *json_tree_root(const JsonTree *tree);

/* NULL is allowed. */
extern void json_tree_free(JsonTree *tree);

/* The member of that name; NULL if there is none, if it is null, or if the node is NULL or no object. */
extern const JsonNode *json_member(const JsonNode *object, const char *name);

/* The text of a node that is one, or of the member; NULL if it is none. */
extern const char *json_text(const JsonNode *node);
extern const char *json_member_text(const JsonNode *object, const char *name);

/* A whole number of 64 bits; false if the member is none. */
extern bool json_integer(const JsonNode *node, int64_t *number);
extern bool json_member_integer(const JsonNode *object, const char *name, int64_t *number);

/* Is the member true? */
extern bool json_member_is_true(const JsonNode *object, const char *name);

#endif
