/*
 * sampled.h — values of one relation, as they are read, and the frame that is made of them.
 */
#ifndef RG_SQL_SAMPLED_H
#define RG_SQL_SAMPLED_H

#include "connectors/common/few_values.h"
#include "connectors/sql/relation.h"
#include "connectors/sql/rows.h"

typedef struct SqlSampledColumn
{
	const char *name;
	const char *word; /* of its type */
	SqlNames enumerated;
	bool is_hidden;
	bool is_bytes; /* what it holds is no text: it has no place in a row */
	FewValues values;
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

/* Not all rows were read: no column has categories. */
extern void sql_sampled_close(SqlSampled *sampled);

/* number: the position of the relation in the request. */
extern void sql_sampled_emit(const SqlSampled *sampled, int number);

extern void sql_sampled_forget(SqlSampled *sampled);

#endif
