/*
 * value.h — the value of a column in a document.
 */
#ifndef RG_ELASTICSEARCH_VALUE_H
#define RG_ELASTICSEARCH_VALUE_H

#include "connectors/elasticsearch/column.h"
#include "connectors/elasticsearch/date_format.h"

typedef struct ReadColumn
{
	const char *name;
	const Field *field; /* NULL: the document's id */
	ColumnForm form;
	DateFormat date;
	bool is_fetched; /* the service has to make the value: it is not in the document */
} ReadColumn;

/* field NULL: the document's id. */
extern void read_column_set(ReadColumn *column, const Fields *fields, const Field *field);

/* Appends a value of the column that is not null. */
extern void value_append_node(WireBuffer *out, const ReadColumn *column, const JsonNode *value);

/* Appends the value as PostgreSQL reads it. Returns false if it is null. */
extern bool value_append(WireBuffer *out, const ReadColumn *column, const JsonNode *hit);

#endif
