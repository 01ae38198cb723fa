/*
 * result.h — the rows of a statement, partition by partition. A partition is held as the text that came, and
 * read row by row.
 */
#ifndef RG_SNOWFLAKE_RESULT_H
#define RG_SNOWFLAKE_RESULT_H

#include "connectors/jsontree/json_tree.h"
#include "connectors/snowflake/service.h"

/* A value as the service writes it; text NULL: null. */
typedef struct Cell
{
	const char *text; /* with a zero behind it */
	size_t length;
} Cell;

typedef struct Result
{
	Service *service;
	char *handle;
	JsonTree *columns; /* an array of {"name", "type", "precision", "scale" …} */
	int column_count;
	int64_t row_count; /* of all partitions; -1: the service does not say */
	int partition;     /* that of the body */
	int partitions;
	WireBuffer body;
	WireSpan rows; /* those that were not given */
	Cell *cells;
	char *texts; /* of a row */
	size_t room;
} Result;

/* handle: of the statement, which is the result's own from now on. Takes the body of its first answer. */
extern bool
result_begin(Result *result, Service *service, char *handle, HttpAnswer *answer, HttpFailure *failure);

/* The cells of the next row, which stay until another one is asked for. NULL: there is none; then
 * failure->code is NULL unless it has failed. */
extern const Cell *result_next(Result *result, HttpFailure *failure);

/* NULL: there is none of that number. */
extern const JsonNode *result_column(const Result *result, int number);

extern void result_end(Result *result);

#endif
