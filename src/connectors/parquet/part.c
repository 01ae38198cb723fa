#include "connectors/parquet/part.h"

#include "connectors/common/emit.h"
#include "connectors/files/directory.h"
#include "connectors/parquet/parquet_format.h"

bool
parquet_part_open(ParquetPart *part, const StoredFile *folder, const char *path)
{
	static const Request any = {.operation = OPERATION_READ};

	*part = (ParquetPart){.rows = NULL};
	if (!directory_open(folder, path, &part->file))
		return false;
	messages_are_of(path);
	parquet_format.check(&any, &part->file);
	parquet_format.survey(&any, &part->file, &part->relations);
	part->relation = &part->relations.items[0];
	return true;
}

void
parquet_part_begin(ParquetPart *part, const int *columns, int count, const ReadRequest *read)
{
	part->rows = parquet_format.rows_begin(part->relation, columns, count, read);
}

bool
parquet_part_next(ParquetPart *part, FileValue *values)
{
	return parquet_format.rows_next(part->rows, values);
}

void
parquet_part_close(ParquetPart *part)
{
	if (part->rows)
		parquet_format.rows_end(part->rows);
	stored_check(&part->file);
	parquet_table_free(part->relation->content);
	relations_free(&part->relations);
	directory_close(&part->file);
	messages_are_of(NULL);
}
