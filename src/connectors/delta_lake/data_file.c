#include "connectors/delta_lake/data_file.h"

#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/delta_lake/log.h"
#include "connectors/files/directory.h"
#include "connectors/parquet/parquet_format.h"

void
delta_data_file_open(DeltaDataFile *file, const StoredFile *folder, const char *path)
{
	static const Request any = {.operation = OPERATION_READ};

	*file = (DeltaDataFile){.rows = NULL};
	if (!directory_open(folder, path, &file->file))
		delta_vanished(path);
	messages_are_of(path);
	parquet_format.check(&any, &file->file);
	parquet_format.survey(&any, &file->file, &file->relations);
	file->relation = &file->relations.items[0];
	file->schema = &((const ParquetTable *) file->relation->content)->schema;
}

void
delta_data_file_begin(DeltaDataFile *file, const int *columns, int count, const ReadRequest *read)
{
	file->rows = parquet_format.rows_begin(file->relation, columns, count, read);
}

bool
delta_data_file_next(DeltaDataFile *file, FileValue *values)
{
	return parquet_format.rows_next(file->rows, values);
}

static void
free_table(ParquetTable *table)
{
	for (int i = 0; i < table->schema.column_count; i++)
		free(table->types[i]);
	free(table->types);
	schema_free(&table->schema);
	footer_free(&table->footer);
	free(table);
}

void
delta_data_file_close(DeltaDataFile *file)
{
	if (file->rows)
		parquet_format.rows_end(file->rows);
	stored_check(&file->file);
	free_table(file->relation->content);
	relations_free(&file->relations);
	directory_close(&file->file);
	messages_are_of(NULL);
}
