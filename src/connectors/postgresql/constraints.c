/*
 * constraints.c — a relation's constraints, sorted by name as the rows are.
 */
#include "connectors/postgresql/constraints.h"
#include "connectors/common/document.h"

#define PRIMARY_KEY 'p'
#define UNIQUE      'u'
#define FOREIGN_KEY 'f'
#define CHECK       'c'
#define EXCLUSION   'x'

bool
constraint_needs_text(char type)
{
	return type == CHECK || type == EXCLUSION;
}

/*
 * Writes the names of the relation's own columns whose numbers one column of the constraint's row holds, in
 * that order.
 */
#define WRITE_COLUMNS(name, member)                                                                          \
	do                                                                                                       \
	{                                                                                                        \
		Numbers numbers;                                                                                     \
		bool is_open = false;                                                                                \
		row_numbers(chunk->rows[STATEMENT_CONSTRAINTS].result, row, member, &numbers);                       \
		for (int i = 0; i < numbers.count; i++)                                                              \
		{                                                                                                    \
			int column = chunk_column(chunk, relation, numbers.values[i]);                                   \
			if (column < 0)                                                                                  \
				continue;                                                                                    \
			document_element(out, name, is_open);                                                            \
			document_string(out, row_name(chunk->rows[STATEMENT_COLUMNS].result, column, COLUMN_NAME));      \
		}                                                                                                    \
		document_end_elements(out, is_open);                                                                 \
	} while (0)

/* The constraint's index has the flag. */
static bool
nulls_not_distinct(const Chunk *chunk, const Relation *relation, ObjectId index)
{
	const PGresult *indexes = chunk->rows[STATEMENT_INDEXES].result;
	Range range = relation->rows[STATEMENT_INDEXES];

	for (int i = range.first; i < range.end; i++)
	{
		int row = chunk_row(chunk, STATEMENT_INDEXES, i);

		if (row_oid(indexes, row, INDEX_ID) == index)
			return row_bool(indexes, row, INDEX_NULLS_NOT_DISTINCT);
	}
	return false;
}

static void
write_referenced_columns(WireBuffer *out, const PGresult *result, int row)
{
	Elements names = row_elements(result, row, CONSTRAINT_REFERENCED_COLUMNS);
	bool is_open = false;
	Element name;

	if (row_is_null(result, row, CONSTRAINT_REFERENCED_COLUMNS))
	{
		document_element(out, "referenced_columns", is_open);
		document_string(out, row_name(result, row, CONSTRAINT_REFERENCED_COLUMN));
	}
	while (next_element(&names, &name))
	{
		document_element(out, "referenced_columns", is_open);
		wire_append_string(out, name.bytes, (size_t) name.length);
	}
	document_end_elements(out, is_open);
}

/* Returns NULL for "no action", the default. */
static const char *
action_name(char action)
{
	switch (action)
	{
		case 'r':
			return "restrict";
		case 'c':
			return "cascade";
		case 'n':
			return "set null";
		case 'd':
			return "set default";
		default:
			return NULL;
	}
}

/* Returns NULL for "simple", the default. */
static const char *
match_name(char match)
{
	return match == 'f' ? "full" : match == 'p' ? "partial" : NULL;
}

static void
write_foreign_key(WireBuffer *out, const Chunk *chunk, const Relation *relation, int row,
				  const Vocabulary *vocabulary)
{
	const PGresult *result = chunk->rows[STATEMENT_CONSTRAINTS].result;

	document_text(out, "schema", schema_name(vocabulary, row_oid(result, row, CONSTRAINT_SCHEMA)));
	document_text(out, "table", row_text(result, row, CONSTRAINT_TABLE));
	write_referenced_columns(out, result, row);
	document_text(out, "on_update", action_name(row_char(result, row, CONSTRAINT_ON_UPDATE)));
	document_text(out, "on_delete", action_name(row_char(result, row, CONSTRAINT_ON_DELETE)));
	WRITE_COLUMNS("on_delete_columns", CONSTRAINT_ON_DELETE_COLUMNS);
	document_text(out, "match", match_name(row_char(result, row, CONSTRAINT_MATCH)));
}

/* Writes the flags that constraints of every type can have. */
static void
write_flags(WireBuffer *out, const PGresult *result, int row)
{
	bool is_enforced = row_bool(result, row, CONSTRAINT_ENFORCED);

	document_flag(out, "temporal", row_bool(result, row, CONSTRAINT_TEMPORAL));
	document_flag(out, "deferrable", row_bool(result, row, CONSTRAINT_DEFERRABLE));
	document_flag(out, "deferred", row_bool(result, row, CONSTRAINT_DEFERRED));
	/* A constraint that is not enforced was never validated, so not_valid would add nothing. */
	document_flag(out, "not_valid", is_enforced && !row_bool(result, row, CONSTRAINT_VALIDATED));
	document_flag(out, "not_enforced", !is_enforced);
}

/* Writes a constraint as an object; returns false if its definition is missing. */
static bool
write_constraint(WireBuffer *out, const Chunk *chunk, const Relation *relation, int row,
				 const Vocabulary *vocabulary)
{
	const PGresult *result = chunk->rows[STATEMENT_CONSTRAINTS].result;
	char type = row_char(result, row, CONSTRAINT_TYPE);
	const char *definition = NULL;

	document_literal(out, "{");
	document_text(out, "name", row_text(result, row, CONSTRAINT_NAME));
	if (!constraint_needs_text(type))
		WRITE_COLUMNS("columns", CONSTRAINT_COLUMNS);
	else
	{
		definition =
			texts_find(&chunk->texts, relation->id, TEXT_CONSTRAINT, row_oid(result, row, CONSTRAINT_ID), 0);
		document_text(out, "definition", definition);
	}
	if (type == FOREIGN_KEY)
		write_foreign_key(out, chunk, relation, row, vocabulary);
	if (type == UNIQUE)
		document_flag(out, "nulls_not_distinct",
					  nulls_not_distinct(chunk, relation, row_oid(result, row, CONSTRAINT_INDEX)));
	write_flags(out, result, row);
	document_literal(out, "}");
	return definition != NULL || !constraint_needs_text(type);
}

/* Moves *at to the next constraint of one type. */
static bool
next_of_type(const Chunk *chunk, const Relation *relation, char type, int *at, int *row)
{
	Range range = relation->rows[STATEMENT_CONSTRAINTS];

	for (; range.first + *at < range.end; ++*at)
	{
		*row = chunk_row(chunk, STATEMENT_CONSTRAINTS, range.first + *at);
		if (row_char(chunk->rows[STATEMENT_CONSTRAINTS].result, *row, CONSTRAINT_TYPE) == type)
		{
			++*at;
			return true;
		}
	}
	return false;
}

#define WRITE_LIST(name, type)                                                                               \
	do                                                                                                       \
	{                                                                                                        \
		bool is_open = false;                                                                                \
		int row;                                                                                             \
		for (int at = 0; next_of_type(chunk, relation, type, &at, &row);)                                    \
		{                                                                                                    \
			document_element(out, name, is_open);                                                            \
			complete &= write_constraint(out, chunk, relation, row, vocabulary);                             \
		}                                                                                                    \
		document_end_elements(out, is_open);                                                                 \
	} while (0)

bool
write_constraints(WireBuffer *out, const Chunk *chunk, const Relation *relation, const Vocabulary *vocabulary,
				  const bool *denied)
{
	bool complete = true;
	int at = 0;
	int row;

	if (next_of_type(chunk, relation, PRIMARY_KEY, &at, &row))
	{
		document_member(out, "primary_key");
		write_constraint(out, chunk, relation, row, vocabulary);
	}
	WRITE_LIST("unique", UNIQUE);
	WRITE_LIST("foreign_keys", FOREIGN_KEY);
	if (denied[STATEMENT_CONSTRAINT_TEXTS])
		return complete;
	WRITE_LIST("checks", CHECK);
	WRITE_LIST("exclusions", EXCLUSION);
	return complete;
}
