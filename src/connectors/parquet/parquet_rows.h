/*
 * parquet_rows.h — a Parquet file as a table, and its rows one after the other.
 */
#ifndef RG_PARQUET_ROWS_H
#define RG_PARQUET_ROWS_H

#include "connectors/files/format.h"
#include "connectors/parquet/schema.h"

typedef struct ParquetTable
{
	Footer footer;
	Schema schema;
	char **types; /* of the columns, as text */
} ParquetTable;

/* Frees the table, which is a relation's content. */
extern void parquet_table_free(ParquetTable *table);

typedef struct ParquetRows ParquetRows;

/* As in format.h. The relation's content is a ParquetTable. */
extern ParquetRows *
parquet_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
extern bool parquet_rows_next(ParquetRows *rows, FileValue *values);
extern void parquet_rows_end(ParquetRows *rows);

#endif
