#include "connectors/parquet/parquet_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/parquet/assemble.h"
#include "connectors/parquet/codec.h"
#include "connectors/parquet/leaf.h"
#include "connectors/parquet/prune.h"

typedef struct RowsColumn
{
	int node;
	int twin;        /* an earlier one that is the same column; -1: none */
	bool is_refused; /* its values are null in a sample */
	bool is_flat;
	Leaf *leaves;
	int leaf_count;
	WireBuffer text;
} RowsColumn;

struct ParquetRows
{
	const Schema *schema;
	RowsColumn *columns;
	int count;
	Pruning pruning;
	int group;    /* the next one */
	int64_t left; /* rows of the present group */
};

void
parquet_table_free(ParquetTable *table)
{
	for (int i = 0; i < table->schema.column_count; i++)
		free(table->types[i]);
	free(table->types);
	schema_free(&table->schema);
	footer_free(&table->footer);
	free(table);
}

/* ---- what cannot be read ---- */

static const char *
chunk_refusal(const Schema *schema, int node, const ColumnChunk *chunk)
{
	if (chunk->refusal)
		return chunk->refusal;
	if (codec_refusal(chunk->codec))
		return codec_refusal(chunk->codec);
	if (chunk->physical != schema->nodes[node].element->physical)
		return "its values have another type than the schema says";
	return NULL;
}

static const char *
leaf_refusal(const Schema *schema, int node)
{
	const Footer *footer = schema->footer;
	const char *refusal = NULL;

	for (int i = 0; i < footer->group_count && refusal == NULL; i++)
		refusal = chunk_refusal(schema, node, &footer->groups[i].chunks[schema->nodes[node].leaf]);
	return refusal;
}

/* Why a column cannot be read, or NULL. */
static const char *
column_refusal(const Schema *schema, int column)
{
	const char *refusal = NULL;

	for (int node = column; node < schema->nodes[column].end && refusal == NULL; node++)
		if (schema_shape(schema, node) == SHAPE_VARIANT)
			refusal = "values of the type variant are not read";
		else if (!schema_is_group(schema, node))
			refusal = leaf_refusal(schema, node);
	return refusal;
}

/* ---- columns ---- */

static void
begin_leaves(RowsColumn *column, const Schema *schema, const char *name)
{
	const SchemaNode *node = &schema->nodes[column->node];
	int leaf = 0;

	column->leaf_count = node->leaf_end - node->leaf;
	column->leaves = allocate((size_t) (column->leaf_count + 1) * sizeof(Leaf));
	for (int i = column->node; i < node->end; i++)
		if (!schema_is_group(schema, i))
			leaf_begin(&column->leaves[leaf++], schema, i, name);
}

/* A sample shows what can be shown; a reader wants all of what it asks for. */
static void
begin_column(ParquetRows *rows, int number, int at, const FileRelation *relation, bool is_sample)
{
	const Schema *schema = rows->schema;
	RowsColumn *column = &rows->columns[at];
	const char *refusal;

	*column = (RowsColumn){.node = schema->columns[number], .twin = -1};
	for (int i = 0; i < at && column->twin < 0; i++)
		if (rows->columns[i].node == column->node)
			column->twin = i;
	if (column->twin >= 0)
		return;
	refusal = column_refusal(schema, column->node);
	if (refusal && !is_sample)
		give_up_column(relation->file, relation->columns[number].name, "unsupported", refusal);
	column->is_refused = refusal != NULL;
	column->is_flat =
		!schema_is_group(schema, column->node) && schema->nodes[column->node].element->repetition != REPEATED;
	if (!column->is_refused)
		begin_leaves(column, schema, relation->columns[number].name);
}

ParquetRows *
parquet_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	const ParquetTable *table = relation->content;
	ParquetRows *rows = allocate(sizeof(ParquetRows));

	*rows = (ParquetRows){.schema = &table->schema, .count = count};
	rows->columns = allocate((size_t) (count + 1) * sizeof(RowsColumn));
	for (int i = 0; i < count; i++)
		begin_column(rows, columns[i], i, relation, read == NULL);
	prune_begin(&rows->pruning, rows->schema, relation, read);
	return rows;
}

/* ---- rows ---- */

static void
open_column(RowsColumn *column, int group)
{
	for (int i = 0; i < column->leaf_count; i++)
	{
		leaf_open(&column->leaves[i], group);
		if (!column->is_flat)
			leaf_next(&column->leaves[i]);
	}
}

/* Goes to the next group that may have rows. Returns false if there is none. */
static bool
turn_group(ParquetRows *rows)
{
	const Footer *footer = rows->schema->footer;

	while (rows->left == 0)
	{
		int group = rows->group;

		if (group == footer->group_count)
			return false;
		rows->group++;
		if (footer->groups[group].row_count == 0 || !prune_keeps(&rows->pruning, group))
			continue;
		rows->left = footer->groups[group].row_count;
		for (int i = 0; i < rows->count; i++)
			open_column(&rows->columns[i], group);
	}
	return true;
}

static bool
write_flat(RowsColumn *column)
{
	Leaf *leaf = column->leaves;

	leaf_next(leaf);
	if (leaf->is_at_end)
		leaf_fails(leaf, "it has fewer values than the file has rows");
	if (leaf_is_null(leaf))
		return false;
	text_write(&column->text, leaf->element, &leaf->value);
	return true;
}

static bool
write_nested(const Schema *schema, RowsColumn *column)
{
	Assembly assembly = {.schema = schema,
						 .leaves = column->leaves,
						 .first_leaf = schema->nodes[column->node].leaf,
						 .out = &column->text};

	if (column->leaf_count > 0 && column->leaves->repetition != 0)
		leaf_fails(column->leaves, "it has more values than the file has rows");
	return assemble_column(&assembly, column->node);
}

static FileValue
take_value(const Schema *schema, RowsColumn *column)
{
	bool has_value;

	wire_reset(&column->text);
	if (column->is_refused)
		return (FileValue){.bytes = NULL};
	has_value = column->is_flat ? write_flat(column) : write_nested(schema, column);
	if (column->text.failed)
		give_up_out_of_memory();
	if (!has_value)
		return (FileValue){.bytes = NULL};
	return (FileValue){.bytes = column->text.data ? column->text.data : "", .length = column->text.length};
}

bool
parquet_rows_next(ParquetRows *rows, FileValue *values)
{
	if (rows->left == 0 && !turn_group(rows))
		return false;
	rows->left--;
	for (int i = 0; i < rows->count; i++)
	{
		RowsColumn *column = &rows->columns[i];

		values[i] = column->twin >= 0 ? values[column->twin] : take_value(rows->schema, column);
	}
	return true;
}

void
parquet_rows_end(ParquetRows *rows)
{
	for (int i = 0; i < rows->count; i++)
	{
		RowsColumn *column = &rows->columns[i];

		for (int j = 0; j < column->leaf_count; j++)
			leaf_end(&column->leaves[j]);
		free(column->leaves);
		wire_free(&column->text);
	}
	prune_end(&rows->pruning);
	free(rows->columns);
	free(rows);
}
