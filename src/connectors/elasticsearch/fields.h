/*
 * fields.h — the fields of an index, as its mapping has them: a tree.
 */
#ifndef RG_ELASTICSEARCH_FIELDS_H
#define RG_ELASTICSEARCH_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "connectors/jsontree/json_tree.h"

/* The field that every document has, and no mapping tells. */
#define ID_FIELD "_id"

/* The levels of a document's columns. */
#define MOST_FIELD_LEVELS 20

typedef struct Field Field;

struct Field
{
	char *name;
	char *type;           /* in the service's words; those of several indices are joined by " | " */
	char *path;           /* of an alias: the field that it stands for; or NULL */
	char *format;         /* of a date; or NULL: the service's own */
	char *settings;       /* further members of the column's document, each with a comma before; or NULL */
	int64_t ignore_above; /* longer texts are not indexed; -1: all are */
	bool is_multi;        /* another way in which its parent's values are indexed */
	bool is_computed;     /* by a script, when it is asked for */
	bool is_searchable;   /* a term finds every document that has the value */
	bool has_null_value;  /* null is indexed as a value */
	Field *first;         /* fields in it, in the mapping's order */
	Field *last;
	Field *next;
	Field **table; /* of many fields in it, by their names' sums */
	int table_size;
	int member_count;
};

typedef struct Fields
{
	Field root;      /* its members are the columns */
	int64_t count;   /* fields of all levels */
	bool is_cut;     /* deeper ones were left out */
	char *meta;      /* _meta, as JSON text; or NULL */
	bool has_source; /* documents are stored as they were sent */
} Fields;

typedef enum FieldsMerge
{
	MERGE_JOINS, /* fields of two types get both */
	MERGE_NEWER  /* the type that comes later counts */
} FieldsMerge;

/* Reads the value of the member `mappings`. */
extern void fields_read(Fields *fields, const JsonNode *mappings);

/* Adds those of another index. */
extern void fields_merge(Fields *fields, const Fields *other, FieldsMerge how);

/* A column; NULL: there is none of that name. */
extern const Field *fields_column(const Fields *fields, const char *name);

/* The field at a path of names joined by dots, as the service has it; NULL: there is none. */
extern const Field *fields_at(const Fields *fields, const char *path);

extern void fields_free(Fields *fields);

#endif
