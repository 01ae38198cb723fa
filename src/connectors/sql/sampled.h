/*
 * sampled.h — values of one relation, as they are read, and the frame that is made of them.
 */
#ifndef RG_SQL_SAMPLED_H
#define RG_SQL_SAMPLED_H

#include "connectors/common/sample_frame.h"
#include "connectors/sql/relation.h"
#include "connectors/sql/rows.h"

/* The different values of a column, while there are few. */
typedef struct SqlValues
{
	bool are_open; /* all values so far are in here */
	char **items;
	int count;
} SqlValues;

typedef struct SqlSampledColumn
{
	const char *name;
	const char *word; /* of its type */
	SqlNames enumerated;
	bool is_hidden;
	bool is_bytes; /* what it holds is no text: it has no place in a row */
	SqlValues values;
} SqlSampledColumn;

typedef struct SqlSampled
{
	const SampleRequest *request;
	SqlSampledColumn *columns;
	int column_count;
	SqlRows
		rows; /* a few, each with a value that says nothing, and the values of all columns that are shown */
} SqlSampled;

/* Are values of the column wanted for the rows? */
extern bool sql_sampled_shows(const SqlSampledColumn *column);

/* How many columns may still have categories. */
extern int sql_sampled_count_open(const SqlSampled *sampled);

/* Adds a value to those of a column that is open, or closes it: they are too many, or too long. */
extern void sql_sampled_add_value(const SqlSampled *sampled, SqlSampledColumn *column, const char *value);

/* Values are read from the first row on again. */
extern void sql_sampled_restart(SqlSampledColumn *column);

/* Not all rows were read: no column has categories. */
extern void sql_sampled_close(SqlSampled *sampled);

/* number: the position of the relation in the request. */
extern void sql_sampled_emit(const SqlSampled *sampled, int number);

extern void sql_sampled_forget(SqlSampled *sampled);

#endif
