/*
 * table.h — the rows of a file as a table: its layout, names and types, and its rows one after the other.
 */
#ifndef RG_CSV_TABLE_H
#define RG_CSV_TABLE_H

#include "connectors/csv/layout.h"
#include "connectors/csv/wishes.h"
#include "connectors/files/encoding.h"
#include "connectors/files/infer.h"

/* A longer row is an error. */
#define MOST_ROW_BYTES 16777216

typedef struct TableRows
{
	EncodedText text;
	Layout layout;
	char *buffer;
	size_t capacity;
	size_t length;
	size_t used;
	bool has_ended;
	int64_t number; /* of the last row, from 1, without the header */
	Record record;
} TableRows;

/* layout: that of the file, or NULL: it is told from its beginning. */
extern void table_rows_begin(TableRows *rows, const StoredFile *file, Encoding encoding,
							 const LayoutWishes *wishes, const Layout *layout);

/* The next row, in rows->record, its fields without quotes; false at the end. The header is not among them.
 */
extern bool table_rows_next(TableRows *rows);
extern void table_rows_end(TableRows *rows);

typedef struct TableColumn
{
	char *name;
	int repeats; /* how many later columns have this name in the file */
	Inference inference;
	InferredType type;
} TableColumn;

/* What is known of the table when its rows have been read once. */
typedef struct Table
{
	const StoredFile *file;
	char *name; /* of the relation */
	Encoding encoding;
	Packing packing;
	Layout layout;
	LayoutWishes wishes;
	TableColumn *columns;
	int column_count;
	int64_t rows;
	bool is_whole;     /* all rows were read */
	bool with_comma;   /* a comma may be the decimal point */
	int64_t long_rows; /* that have more fields than there are columns */
} Table;

/* Reads the file, of a longer one the first 256 MiB. */
extern void table_survey(Table *table, const StoredFile *file, const TableWishes *wishes);

/* Gives the columns of both the types of the values of both. Returns false if their names differ. */
extern bool table_join(Table *table, Table *other);

/* The columns's type; a field that is missing, empty or a word for null in a column that is not text is null.
 */
extern bool table_is_null(const TableColumn *column, const Field *field);

#endif
