/*
 * column.h — a field as a column of a relation: how its values are held in PostgreSQL.
 */
#ifndef RG_ELASTICSEARCH_COLUMN_H
#define RG_ELASTICSEARCH_COLUMN_H

#include "connectors/elasticsearch/fields.h"
#include "wire/wire.h"

#define ID_COLUMN ID_FIELD

typedef enum ColumnForm
{
	FORM_TEXT, /* the text of one value; JSON of several, and of objects */
	FORM_JSON,
	FORM_BOOLEAN,
	FORM_INTEGER,
	FORM_NUMBER,
	FORM_DATE, /* a point in time */
	FORM_DAY
} ColumnForm;

/* What a field's values are in PostgreSQL. */
extern ColumnForm column_form(const Fields *fields, const Field *field);

/* NULL: text. */
extern const char *column_pg_type(const Fields *fields, const Field *field);

/* Appends the member `columns` of a document. */
extern void columns_append(WireBuffer *out, const Fields *fields);

#endif
