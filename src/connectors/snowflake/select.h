/*
 * select.h — the statement that reads columns of a relation, with the conditions that mean the same there.
 */
#ifndef RG_SNOWFLAKE_SELECT_H
#define RG_SNOWFLAKE_SELECT_H

#include "connectors/common/read_request.h"
#include "connectors/snowflake/column_type.h"

typedef struct SelectColumn
{
	const char *name;
	ColumnType type;
} SelectColumn;

typedef struct SelectWanted
{
	const char *database;
	const char *schema;
	const char *relation;
	const SelectColumn *columns; /* of the relation */
	int column_count;
	const int *numbers; /* of those that are read */
	int count;
	const ReadRequest *read; /* NULL: no conditions */
	int64_t most_rows;       /* 0: all */
	bool distrusts_texts;    /* conditions on texts are not applied: they may be compared in another way */
} SelectWanted;

typedef struct Select
{
	WireBuffer sql;      /* ends with a zero */
	WireBuffer bindings; /* members of an object */
	int binding_count;
	int conditions;     /* how many are in it */
	bool compares_text; /* one of them does */
} Select;

extern void select_write(Select *select, const SelectWanted *wanted);
extern void select_free(Select *select);

#endif
