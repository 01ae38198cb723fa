/*
 * data_file.h — a file with rows of the table, or with positions of deleted ones.
 */
#ifndef RG_ICEBERG_DATA_FILE_H
#define RG_ICEBERG_DATA_FILE_H

#include "connectors/iceberg/manifest.h"
#include "connectors/iceberg/stored_field.h"

typedef struct IcebergDataFile
{
	StoredFile stored;
	const Format *format;
	FileRelations relations; /* one */
	StoredField *fields;
	char *path; /* from the table's folder on */
	void *rows; /* NULL: they are not being read */
} IcebergDataFile;

/* Ends the process if it is not there, or of a format that is not read. Messages are of the file until it is
 * closed. */
extern void
iceberg_data_file_open(IcebergDataFile *file, const StoredFile *folder, const IcebergFile *listed);

static inline const FileRelation *
iceberg_data_file_relation(const IcebergDataFile *file)
{
	return &file->relations.items[0];
}

/* As rows_begin() and rows_next() of format.h. */
extern void
iceberg_data_file_begin(IcebergDataFile *file, const int *columns, int count, const ReadRequest *read);
extern bool iceberg_data_file_next(IcebergDataFile *file, FileValue *values);

/* Ends the process if the file was changed meanwhile. */
extern void iceberg_data_file_close(IcebergDataFile *file);

#endif
