/*
 * part.h — a Parquet file below a folder, as a part of a table that says itself which files it has.
 */
#ifndef RG_PARQUET_PART_H
#define RG_PARQUET_PART_H

#include "connectors/files/format.h"
#include "connectors/parquet/parquet_rows.h"

typedef struct ParquetPart
{
	StoredFile file;
	FileRelations relations;
	const FileRelation *relation;
	void *rows; /* NULL: they are not being read */
} ParquetPart;

/*
 * Returns false if there is no such file. Ends the process if it is no Parquet file. Messages are of this
 * file until it is closed; the path must stay.
 */
extern bool parquet_part_open(ParquetPart *part, const StoredFile *folder, const char *path);

/* As rows_begin() and rows_next() of format.h. The request must stay until the file is closed. */
extern void parquet_part_begin(ParquetPart *part, const int *columns, int count, const ReadRequest *read);
extern bool parquet_part_next(ParquetPart *part, FileValue *values);

/* Ends the process if the file was changed meanwhile. */
extern void parquet_part_close(ParquetPart *part);

#endif
