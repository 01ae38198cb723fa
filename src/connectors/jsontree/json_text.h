/*
 * json_text.h — a tree as text again.
 */
#ifndef RG_JSONTREE_JSON_TEXT_H
#define RG_JSONTREE_JSON_TEXT_H

#include "connectors/jsontree/json_tree.h"
#include "wire/wire.h"

/*
 * Appends a value without white space, its members in their order and its numbers as they are written. U+FFFD
 * stands for NUL, which PostgreSQL does not have.
 */
extern void json_append(WireBuffer *out, const JsonNode *node);

/* Appends a text or a name with its quotes. */
extern void json_append_string(WireBuffer *out, const char *bytes, size_t length);

#endif
