#include "connectors/iceberg/data_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/iceberg/location.h"
#include "connectors/orc/orc_format.h"
#include "connectors/orc/tail.h"
#include "connectors/parquet/parquet_format.h"
#include "connectors/parquet/parquet_rows.h"

static bool
is_format(const IcebergFile *listed, const char *name)
{
	return listed->format.length == strlen(name) &&
		   strncasecmp(listed->format.bytes, name, listed->format.length) == 0;
}

static const Format *
format_of(const IcebergFile *listed)
{
	char detail[64];

	if (is_format(listed, "PARQUET"))
		return &parquet_format;
	if (is_format(listed, "ORC"))
		return &orc_format;
	snprintf(detail, sizeof(detail), "The format is %.*s.",
			 listed->format.length < 32 ? (int) listed->format.length : 32,
			 listed->format.bytes ? listed->format.bytes : "");
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "A file of the Iceberg table has a format that is not read.",
					   .detail = detail,
					   .hint = "Files of Parquet and ORC are read."});
}

static char *
copy_bytes(AvroBytes bytes)
{
	char *text = allocate(bytes.length + 1);

	memcpy(text, bytes.bytes, bytes.length);
	text[bytes.length] = '\0';
	return text;
}

void
iceberg_data_file_open(IcebergDataFile *file, const StoredFile *folder, const IcebergFile *listed)
{
	static const Request any = {.operation = OPERATION_READ};
	char *path = copy_bytes(listed->path);

	*file = (IcebergDataFile){.format = format_of(listed)};
	file->path = copy_text(iceberg_path_below(folder->object, path));
	free(path);
	if (!directory_open(folder, file->path, &file->stored))
		iceberg_file_is_missing(folder, file->path);
	messages_are_of(file->path);
	file->format->check(&any, &file->stored);
	file->format->survey(&any, &file->stored, &file->relations);
	file->fields = file->format == &parquet_format
					   ? stored_fields_of_parquet(iceberg_data_file_relation(file))
					   : stored_fields_of_orc(iceberg_data_file_relation(file));
}

void
iceberg_data_file_begin(IcebergDataFile *file, const int *columns, int count, const ReadRequest *read)
{
	file->rows = file->format->rows_begin(iceberg_data_file_relation(file), columns, count, read);
}

bool
iceberg_data_file_next(IcebergDataFile *file, FileValue *values)
{
	return file->format->rows_next(file->rows, values);
}

static void
free_content(IcebergDataFile *file)
{
	FileRelation *relation = &file->relations.items[0];

	if (file->format == &parquet_format)
	{
		parquet_table_free(relation->content);
		return;
	}
	for (int i = 0; i < relation->column_count; i++)
		free((char *) relation->columns[i].type);
	orc_tail_free(relation->content);
	free(relation->content);
}

void
iceberg_data_file_close(IcebergDataFile *file)
{
	if (file->rows)
		file->format->rows_end(file->rows);
	stored_check(&file->stored);
	stored_fields_free(file->fields);
	free_content(file);
	relations_free(&file->relations);
	directory_close(&file->stored);
	messages_are_of(NULL);
	free(file->path);
	*file = (IcebergDataFile){.format = NULL};
}
