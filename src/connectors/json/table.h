/*
 * table.h — a relation of a JSON file: its columns, told from the values.
 */
#ifndef RG_JSON_TABLE_H
#define RG_JSON_TABLE_H

#include "connectors/files/unpacked.h"
#include "connectors/inference/path_document.h"
#include "connectors/json/json_types.h"
#include "connectors/json/layout.h"

/* What read needs to know of a column. */
typedef struct JsonColumn
{
	const PathNode *node;
	PathForm form;
} JsonColumn;

typedef struct JsonTable
{
	RowLayout layout;
	Paths *paths;
	JsonColumn *columns;
	int column_count;
	int64_t rows;
	bool is_whole; /* all rows were read */
	bool is_data;  /* names of members are data: rows are values of one column */
	Encoding encoding;
	Packing packing;
} JsonTable;

#define VALUE_COLUMN "value"

/* Reads the file, of a longer one the first 256 MiB. Returns the tables; *count: how many. */
extern JsonTable *tables_survey(const StoredFile *file, int *count);

/* Of two parts of one table: the columns of both get the types of both. Returns false if they are no such
 * parts. */
extern bool json_table_join(JsonTable *table, JsonTable *part);

#endif
