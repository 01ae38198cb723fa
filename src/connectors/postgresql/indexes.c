/*
 * indexes.c — a relation's indexes.
 */
#include "connectors/postgresql/indexes.h"
#include "connectors/common/document.h"

/* Bits of an index column's options. */
#define OPTION_DESCENDING  1
#define OPTION_NULLS_FIRST 2

/* An index row taken apart. */
typedef struct Index
{
	const PGresult *result;
	int row;
	ObjectId id;
	int key_count;   /* columns after these are only included */
	Numbers columns; /* 0: an expression */
	Numbers options;
} Index;

static void
take_index(Index *index, const PGresult *result, int row)
{
	index->result = result;
	index->row = row;
	index->id = row_oid(result, row, INDEX_ID);
	index->key_count = row_int2(result, row, INDEX_KEY_COUNT);
	row_numbers(result, row, INDEX_COLUMNS, &index->columns);
	row_numbers(result, row, INDEX_OPTIONS, &index->options);
	if (index->columns.count < index->key_count || index->options.count < index->key_count)
		give_up_malformed();
}

bool
index_is_ordinary(const Chunk *chunk, const Relation *relation, int row, const Vocabulary *vocabulary)
{
	const PGresult *result = chunk->rows[STATEMENT_INDEXES].result;
	const PGresult *columns = chunk->rows[STATEMENT_COLUMNS].result;
	Index index;
	Numbers classes;
	Numbers collations;

	if (!can_write_indexes(vocabulary) || !row_bool(result, row, INDEX_PLAIN))
		return false;
	take_index(&index, result, row);
	row_numbers(result, row, INDEX_CLASSES, &classes);
	row_numbers(result, row, INDEX_COLLATIONS, &collations);
	if (classes.count < index.key_count || collations.count < index.key_count)
		give_up_malformed();
	for (int i = 0; i < index.columns.count; i++)
	{
		int column = chunk_column(chunk, relation, index.columns.values[i]);

		if (column < 0)
			return false;
		if (i >= index.key_count)
			continue;
		if (!is_default_class(vocabulary, (ObjectId) classes.values[i],
							  row_oid(columns, column, COLUMN_TYPE)))
			return false;
		if (collations.values[i] != 0 && collations.values[i] != column_collation(columns, column))
			return false;
	}
	return true;
}

static void
append_order(WireBuffer *sql, int64_t options)
{
	if (options & OPTION_DESCENDING)
		wire_append_text(sql, options & OPTION_NULLS_FIRST ? " DESC" : " DESC NULLS LAST");
	else if (options & OPTION_NULLS_FIRST)
		wire_append_text(sql, " NULLS FIRST");
}

static void
append_columns(WireBuffer *sql, const Chunk *chunk, const Relation *relation, const Index *index,
			   const Vocabulary *vocabulary)
{
	const PGresult *columns = chunk->rows[STATEMENT_COLUMNS].result;

	for (int i = 0; i < index->columns.count; i++)
	{
		int column = chunk_column(chunk, relation, index->columns.values[i]);

		if (i > 0)
			wire_append_text(sql, i == index->key_count ? ") INCLUDE (" : ", ");
		append_identifier(sql, vocabulary, row_name(columns, column, COLUMN_NAME));
		if (i < index->key_count)
			append_order(sql, index->options.values[i]);
	}
}

/* The definition of an ordinary index, in the server's own wording. */
static void
append_definition(WireBuffer *sql, const Chunk *chunk, const Relation *relation, const Index *index,
				  const Vocabulary *vocabulary)
{
	const PGresult *table = chunk->rows[STATEMENT_RELATIONS].result;
	int table_row = chunk_row(chunk, STATEMENT_RELATIONS, relation->rows[STATEMENT_RELATIONS].first);

	wire_append_text(sql, row_bool(index->result, index->row, INDEX_UNIQUE) ? "CREATE UNIQUE INDEX "
																			: "CREATE INDEX ");
	append_identifier(sql, vocabulary, row_name(index->result, index->row, INDEX_NAME));
	wire_append_text(sql, row_bool(index->result, index->row, INDEX_PARTITIONED) ? " ON ONLY " : " ON ");
	append_identifier(sql, vocabulary, schema_name(vocabulary, row_oid(table, table_row, RELATION_SCHEMA)));
	wire_append_text(sql, ".");
	append_identifier(sql, vocabulary, row_name(table, table_row, RELATION_NAME));
	wire_append_text(sql, " USING ");
	append_identifier(sql, vocabulary,
					  access_method_name(vocabulary, row_oid(index->result, index->row, INDEX_METHOD)));
	wire_append_text(sql, " (");
	append_columns(sql, chunk, relation, index, vocabulary);
	wire_append_text(sql, ")");
	if (row_bool(index->result, index->row, INDEX_NULLS_NOT_DISTINCT))
		wire_append_text(sql, " NULLS NOT DISTINCT");
}

/* Returns false if a text is missing. */
static bool
write_definition(WireBuffer *out, const Chunk *chunk, const Relation *relation, const Index *index,
				 const Vocabulary *vocabulary)
{
	WireBuffer sql = {0};
	const char *text;

	if (!index_is_ordinary(chunk, relation, index->row, vocabulary))
	{
		text = texts_find(&chunk->texts, relation->id, TEXT_INDEX, index->id, 0);
		document_text(out, "definition", text);
		return text != NULL;
	}
	append_definition(&sql, chunk, relation, index, vocabulary);
	out->failed |= sql.failed;
	document_member(out, "definition");
	wire_append_string(out, sql.data, sql.failed ? 0 : sql.length);
	wire_free(&sql);
	return true;
}

/* Returns the i-th column of an index: a column's name or an expression's text. */
static const char *
element_text(const Chunk *chunk, const Relation *relation, const Index *index, int i)
{
	int column;

	if (index->columns.values[i] == 0)
		return texts_find(&chunk->texts, relation->id, TEXT_INDEX_ELEMENT, index->id, i + 1);
	column = chunk_column(chunk, relation, index->columns.values[i]);
	return column < 0 ? NULL : row_name(chunk->rows[STATEMENT_COLUMNS].result, column, COLUMN_NAME);
}

static bool
write_elements(WireBuffer *out, const Chunk *chunk, const Relation *relation, const Index *index)
{
	bool is_open = false;

	for (int i = 0; i < index->columns.count; i++)
	{
		const char *text = element_text(chunk, relation, index, i);

		if (text == NULL)
			return false;
		if (i == index->key_count)
		{
			document_end_elements(out, is_open);
			is_open = false;
		}
		if (i < index->key_count)
			document_element(out, "columns", is_open);
		else
			document_element(out, "include", is_open);
		document_string(out, text);
	}
	document_end_elements(out, is_open);
	return true;
}

static bool
write_index(WireBuffer *out, const Chunk *chunk, const Relation *relation, int row,
			const Vocabulary *vocabulary)
{
	const PGresult *result = chunk->rows[STATEMENT_INDEXES].result;
	Index index;
	bool complete;

	take_index(&index, result, row);
	document_literal(out, "{");
	document_text(out, "name", row_text(result, row, INDEX_NAME));
	document_text(out, "method", access_method_name(vocabulary, row_oid(result, row, INDEX_METHOD)));
	document_flag(out, "unique", row_bool(result, row, INDEX_UNIQUE));
	document_flag(out, "primary", row_bool(result, row, INDEX_PRIMARY));
	complete = write_elements(out, chunk, relation, &index);
	document_text(out, "predicate", texts_find(&chunk->texts, relation->id, TEXT_PREDICATE, index.id, 0));
	document_flag(out, "invalid", !row_bool(result, row, INDEX_VALID));
	complete &= write_definition(out, chunk, relation, &index, vocabulary);
	document_literal(out, "}");
	return complete;
}

bool
write_indexes(WireBuffer *out, const Chunk *chunk, const Relation *relation, const Vocabulary *vocabulary,
			  const bool *denied)
{
	Range range = relation->rows[STATEMENT_INDEXES];
	bool is_open = false;
	bool complete = true;

	for (int i = range.first; i < range.end; i++)
	{
		int row = chunk_row(chunk, STATEMENT_INDEXES, i);

		if (denied[STATEMENT_INDEX_TEXTS] && !index_is_ordinary(chunk, relation, row, vocabulary))
			continue;
		document_element(out, "indexes", is_open);
		complete &= write_index(out, chunk, relation, row, vocabulary);
	}
	document_end_elements(out, is_open);
	return complete;
}
