/*
 * json_builder.h — makes a tree from the events of a parser, whatever its syntax is.
 */
#ifndef RG_JSONTREE_JSON_BUILDER_H
#define RG_JSONTREE_JSON_BUILDER_H

#include "connectors/jsontree/json_tree.h"

/* json_tree_free() frees it, whole or not. */
extern JsonTree *json_build_begin(void);
extern void json_build_free(JsonTree *tree);

/* NULL: no value has begun. */
extern const JsonNode *json_build_root(const JsonTree *tree);

/* The name of the member whose value comes next. */
extern void json_build_name(JsonTree *tree, const char *name, size_t length);

/* A value that is no array and no object. text: of a text or a number, else NULL. Returns its node. */
extern JsonNode *json_build_value(JsonTree *tree, JsonKind kind, const char *text, size_t length);

/* Begins an array or an object. Returns NULL if it would be nested deeper than MOST_JSON_DEPTH. */
extern JsonNode *json_build_open(JsonTree *tree, JsonKind kind);

/* Ends the innermost one. */
extern void json_build_close(JsonTree *tree);

/* Has the array or object not ended yet? */
extern bool json_build_is_open(const JsonTree *tree, const JsonNode *node);

#endif
