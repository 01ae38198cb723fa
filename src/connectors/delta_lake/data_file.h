/*
 * data_file.h — a Parquet file of the table: a part of it, or one of its checkpoints.
 */
#ifndef RG_DELTA_DATA_FILE_H
#define RG_DELTA_DATA_FILE_H

#include "connectors/files/format.h"
#include "connectors/parquet/parquet_rows.h"

typedef struct DeltaDataFile
{
	StoredFile file;
	FileRelations relations;
	const FileRelation *relation;
	const Schema *schema; /* Parquet's */
	void *rows;           /* NULL: they are not being read */
} DeltaDataFile;

/*
 * Ends the process if there is none, or if it is no Parquet file. Messages are of this file until it is
 * closed; the path must stay until then.
 */
extern void delta_data_file_open(DeltaDataFile *file, const StoredFile *folder, const char *path);

/* As rows_begin() and rows_next() of format.h. */
extern void
delta_data_file_begin(DeltaDataFile *file, const int *columns, int count, const ReadRequest *read);
extern bool delta_data_file_next(DeltaDataFile *file, FileValue *values);

/* Ends the process if the file was changed meanwhile. */
extern void delta_data_file_close(DeltaDataFile *file);

#endif
