/*
 * attribute.h — values of attributes, as the service writes them: {"S": "text"}, {"N": "1.5"}, {"L": […]}.
 */
#ifndef RG_DYNAMODB_ATTRIBUTE_H
#define RG_DYNAMODB_ATTRIBUTE_H

#include "connectors/inference/path_document.h"
#include "connectors/jsontree/json_tree.h"
#include "wire/wire.h"

typedef enum AttributeType
{
	ATTRIBUTE_MAP,
	ATTRIBUTE_LIST,
	ATTRIBUTE_STRING,
	ATTRIBUTE_NUMBER,
	ATTRIBUTE_BINARY,
	ATTRIBUTE_BOOLEAN,
	ATTRIBUTE_STRING_SET,
	ATTRIBUTE_NUMBER_SET,
	ATTRIBUTE_BINARY_SET
} AttributeType;

/* As a source's types for paths.h. */
extern const PathTypes attribute_types;

/* The type of the service's word for a type of keys: S, N or B. Returns false for another word. */
extern bool attribute_key_type(const char *word, AttributeType *type);
extern const char *attribute_type_name(AttributeType type);
extern const char *attribute_pg_type(AttributeType type);

/* Feeds an item, whose members are attributes, as a row; without these two, which may be NULL. */
extern void item_feed(Paths *paths, const JsonNode *item, const char *without, const char *without_too);

/*
 * How PostgreSQL holds the values of a column. It follows from the types that its values have, so that a
 * value is written without knowing what the others are. NULL: text.
 */
extern const char *attribute_node_pg_type(const PathNode *node);
extern bool attribute_may_have_categories(const PathNode *node);

/* Appends the value as PostgreSQL reads it in the type of its own. Returns false if it is null. */
extern bool attribute_write(WireBuffer *out, const JsonNode *value);

/* Appends a whole item as a JSON object. */
extern void item_write(WireBuffer *out, const JsonNode *item);

#endif
