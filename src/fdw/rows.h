/* rows.h — the rows of a stream as values of a foreign table's columns. */
#ifndef RG_FDW_ROWS_H
#define RG_FDW_ROWS_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "nodes/pg_list.h"

#include "foreign_table.h"
#include "stream/value.h"
#include "stream/stream.h"

typedef struct RgRows
{
	const RgForeignTable *foreign;
	const char *table; /* local name, for messages */
	TupleDesc descriptor;
	bool faults_become_null;
	int count; /* of columns that are read */
	AttrNumber *columns;
	RgValueType *types;
	WireField *fields;
	WireRows text;
	int64 left;   /* rows of the present frame that were not taken */
	int64 number; /* of the row, from 1 */
	int position; /* of the column that is read, or -1 */
	int64 faults;
	bool masks;
	bool *is_private; /* of each column that is read, by its name, where values are masked */
} RgRows;

/* Memory of CurrentMemoryContext, which must live as long as the rows. */
extern RgRows *rg_rows_begin(const RgForeignTable *table, TupleDesc descriptor, List *columns);

/* Gives the rows the next frame, whose bytes are changed while they are taken. */
extern void rg_rows_add(RgRows *rows, RgStreamPart *part);

/*
 * Takes the next row of the frame: values of all columns of the descriptor, NULL for those that are not read,
 * in CurrentMemoryContext. Returns false at the frame's end. An error says which column and row.
 */
extern bool rg_rows_next(RgRows *rows, Datum *values, bool *nulls);

/*
 * The next part of the stream; an error says which foreign table it is of. A head that says so makes the rows
 * mask their values.
 */
extern void rg_rows_receive(RgRows *rows, RgStream *stream, RgStreamPart *part);

#endif
