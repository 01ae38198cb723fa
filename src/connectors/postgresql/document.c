/*
 * document.c — a relation's document, with its members in the order of src/wire/README.md.
 */
#include "connectors/common/emit.h"
#include "connectors/postgresql/constraints.h"
#include "connectors/postgresql/document.h"
#include "connectors/postgresql/indexes.h"
#include "connectors/common/document.h"
#include "connectors/postgresql/options.h"

/* U+FFFD, the replacement of bytes that are not UTF-8. */
#define REPLACEMENT "\xEF\xBF\xBD"

/* Three lists of one relation that are walked side by side: columns, their defaults, their comments. */
typedef struct ColumnWalk
{
	const Chunk *chunk;
	const Relation *relation;
	const bool *denied;
	int default_at;
	int comment_at;
} ColumnWalk;

/*
 * Moves *at, a position in a list whose second column is a column number, to that column. Returns the row, or
 * -1 if the column has none.
 */
static int
row_of_column(const ColumnWalk *walk, Statement list, int *at, int number)
{
	const PGresult *result = walk->chunk->rows[list].result;
	int end = walk->relation->rows[list].end;

	while (*at < end)
	{
		int row = chunk_row(walk->chunk, list, *at);
		int found = row_int2(result, row, 1);

		if (found == number)
			return row;
		if (found > number)
			return -1;
		++*at;
	}
	return -1;
}

/*
 * Writes default, identity, and the expression of generated columns; returns false if an expression is
 * missing.
 */
static bool
write_value_source(WireBuffer *out, ColumnWalk *walk, int row, int number)
{
	const PGresult *columns = walk->chunk->rows[STATEMENT_COLUMNS].result;
	int default_row = row_of_column(walk, STATEMENT_DEFAULTS, &walk->default_at, number);
	bool is_generated = !row_is_null(columns, row, COLUMN_GENERATED);
	const char *text = NULL;

	if (default_row >= 0)
	{
		text = row_text(walk->chunk->rows[STATEMENT_DEFAULTS].result, default_row, DEFAULT_TEXT);
		if (text == NULL)
			text = texts_find(&walk->chunk->texts, walk->relation->id, TEXT_EXPRESSION, 0, number);
	}
	if (!is_generated)
		document_text(out, "default", text);
	if (!row_is_null(columns, row, COLUMN_IDENTITY))
		document_text(out, "identity",
					  row_char(columns, row, COLUMN_IDENTITY) == 'a' ? "always" : "by default");
	if (is_generated)
	{
		document_text(out, "generated",
					  row_char(columns, row, COLUMN_GENERATED) == 's' ? "stored" : "virtual");
		document_text(out, "expression", text);
	}
	return text != NULL || default_row < 0 || walk->denied[STATEMENT_EXPRESSIONS];
}

static void
write_collation(WireBuffer *out, const Types *types, const Type *type, const PGresult *columns, int row)
{
	ObjectId collation = column_collation(columns, row);

	if (collation != 0 && collation != type->collation)
		document_text(out, "collation", types_collation(types, collation));
}

static const char *
comment_of_column(ColumnWalk *walk, int number)
{
	int row = row_of_column(walk, STATEMENT_COMMENTS, &walk->comment_at, number);

	return row < 0 ? NULL : row_text(walk->chunk->rows[STATEMENT_COMMENTS].result, row, COMMENT_TEXT);
}

/* Returns false if a part of the column is missing. Its type is known, see type_failure(). */
static bool
write_column(WireBuffer *out, ColumnWalk *walk, int row, const Types *types)
{
	const PGresult *columns = walk->chunk->rows[STATEMENT_COLUMNS].result;
	int number = row_int2(columns, row, COLUMN_NUMBER);
	const Type *type = types_find(types, row_oid(columns, row, COLUMN_TYPE), column_modifier(columns, row));
	bool complete;

	document_literal(out, "{\"name\":");
	wire_append_string(out, row_name(columns, row, COLUMN_NAME),
					   (size_t) PQgetlength(columns, row, COLUMN_NAME));
	document_literal(out, ",\"id\":\"");
	wire_append_integer(out, number);
	document_literal(out, "\",\"type\":");
	wire_append_text(out, type->name);
	document_flag(out, "not_null", type->not_null || !row_is_null(columns, row, COLUMN_NOT_NULL));
	complete = write_value_source(out, walk, row, number);
	write_collation(out, types, type, columns, row);
	document_text(out, "comment", comment_of_column(walk, number));
	if (type->labels)
		wire_append_text(out, type->labels);
	wire_append_text(out, type->members);
	document_literal(out, "}");
	return complete;
}

static bool
write_columns(WireBuffer *out, const Chunk *chunk, const Relation *relation, const Discovery *discovery)
{
	ColumnWalk walk = {.chunk = chunk,
					   .relation = relation,
					   .denied = discovery->denied,
					   .default_at = relation->rows[STATEMENT_DEFAULTS].first,
					   .comment_at = relation->rows[STATEMENT_COMMENTS].first};
	Range range = relation->rows[STATEMENT_COLUMNS];
	bool is_open = false;
	bool complete = true;

	for (int i = range.first; i < range.end; i++)
	{
		document_element(out, "columns", is_open);
		complete &= write_column(out, &walk, chunk_row(chunk, STATEMENT_COLUMNS, i), &discovery->types);
	}
	document_end_elements(out, is_open);
	return complete;
}

static const char *
comment_of_relation(const Chunk *chunk, const Relation *relation)
{
	ColumnWalk walk = {
		.chunk = chunk, .relation = relation, .comment_at = relation->rows[STATEMENT_COMMENTS].first};

	return comment_of_column(&walk, 0);
}

/* Returns the second column of a catalog with at most one row for each relation, or NULL. */
static const char *
only_text(const Chunk *chunk, const Relation *relation, Statement catalog)
{
	Range range = relation->rows[catalog];

	return range.first == range.end
			   ? NULL
			   : row_text(chunk->rows[catalog].result, chunk_row(chunk, catalog, range.first), 1);
}

static void
write_parent(WireBuffer *out, const PGresult *result, int row, const Vocabulary *vocabulary)
{
	document_literal(out, "{");
	document_text(out, "schema", schema_name(vocabulary, row_oid(result, row, PARENT_SCHEMA)));
	document_text(out, "table", row_text(result, row, PARENT_TABLE));
	document_literal(out, "}");
}

/* A partition has one parent, other tables inherit from any number. */
static void
write_parents(WireBuffer *out, const Chunk *chunk, const Relation *relation, int relation_row,
			  const Vocabulary *vocabulary)
{
	const PGresult *relations = chunk->rows[STATEMENT_RELATIONS].result;
	const PGresult *parents = chunk->rows[STATEMENT_PARENTS].result;
	Range range = relation->rows[STATEMENT_PARENTS];
	bool is_open = false;

	if (row_bool(relations, relation_row, RELATION_IS_PARTITION) && range.first < range.end)
	{
		document_member(out, "partition_of");
		write_parent(out, parents, chunk_row(chunk, STATEMENT_PARENTS, range.first), vocabulary);
		document_text(out, "partition_bound", only_text(chunk, relation, STATEMENT_BOUNDS));
		return;
	}
	for (int i = range.first; i < range.end; i++)
	{
		document_element(out, "inherits", is_open);
		write_parent(out, parents, chunk_row(chunk, STATEMENT_PARENTS, i), vocabulary);
	}
	document_end_elements(out, is_open);
}

static void
write_foreign(WireBuffer *out, const Chunk *chunk, const Relation *relation)
{
	Range range = relation->rows[STATEMENT_FOREIGN];
	const PGresult *result = chunk->rows[STATEMENT_FOREIGN].result;
	int row;

	if (range.first == range.end)
		return;
	row = chunk_row(chunk, STATEMENT_FOREIGN, range.first);
	document_text(out, "server", row_text(result, row, FOREIGN_SERVER));
	write_options(out, row_elements(result, row, FOREIGN_OPTIONS));
}

static void
write_owned_by(WireBuffer *out, const PGresult *result, int row, const Vocabulary *vocabulary)
{
	if (row_is_null(result, row, SEQUENCE_OWNER_COLUMN))
		return;
	document_member(out, "owned_by");
	document_literal(out, "{");
	document_text(out, "schema", schema_name(vocabulary, row_oid(result, row, SEQUENCE_OWNER_SCHEMA)));
	document_text(out, "table", row_text(result, row, SEQUENCE_OWNER_TABLE));
	document_text(out, "column", row_text(result, row, SEQUENCE_OWNER_COLUMN));
	document_literal(out, "}");
}

static void
write_sequence(WireBuffer *out, const Chunk *chunk, const Relation *relation, const Vocabulary *vocabulary)
{
	static const struct
	{
		const char *text;
		int column;
	} numbers[] = {{",\"start\":", SEQUENCE_START},
				   {",\"increment\":", SEQUENCE_INCREMENT},
				   {",\"minimum\":", SEQUENCE_MINIMUM},
				   {",\"maximum\":", SEQUENCE_MAXIMUM},
				   {",\"cache\":", SEQUENCE_CACHE}};
	Range range = relation->rows[STATEMENT_SEQUENCES];
	const PGresult *result = chunk->rows[STATEMENT_SEQUENCES].result;
	int row;

	if (range.first == range.end)
		return;
	row = chunk_row(chunk, STATEMENT_SEQUENCES, range.first);
	document_member(out, "sequence");
	document_literal(out, "{");
	document_text(out, "type", row_text(result, row, SEQUENCE_TYPE));
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		wire_append_text(out, numbers[i].text);
		wire_append_integer(out, row_int8(result, row, numbers[i].column));
	}
	document_flag(out, "cycle", row_bool(result, row, SEQUENCE_CYCLE));
	write_owned_by(out, result, row, vocabulary);
	document_literal(out, "}");
}

/* Members that documents of some kinds of relation lack if a statement is denied. */
static const struct
{
	Statement statement;
	const char *kinds;
	const char *members[5];
} lacks[] = {
	{STATEMENT_COMMENTS, "rpfvmS", {"comment"}},
	{STATEMENT_OWNERS, "rpfvmS", {"owner"}},
	{STATEMENT_DEFAULTS, "rpfv", {"default", "expression"}},
	{STATEMENT_EXPRESSIONS, "rpfv", {"expression"}},
	{STATEMENT_LABELS, "rpfvm", {"enum"}},
	{STATEMENT_COLLATIONS, "rpfvm", {"collation"}},
	{STATEMENT_CONSTRAINTS, "rpf", {"primary_key", "unique", "foreign_keys", "checks", "exclusions"}},
	{STATEMENT_CONSTRAINT_TEXTS, "rpf", {"checks", "exclusions"}},
	{STATEMENT_INDEXES, "rpm", {"indexes"}},
	{STATEMENT_INDEX_TEXTS, "rpm", {"indexes"}},
	{STATEMENT_QUERIES, "vm", {"definition"}},
	{STATEMENT_PARTITION_KEYS, "p", {"partition_key"}},
	{STATEMENT_PARENTS, "rpf", {"partition_of", "inherits"}},
	{STATEMENT_BOUNDS, "rpf", {"partition_bound"}},
	{STATEMENT_FOREIGN, "f", {"server", "options"}},
	{STATEMENT_SEQUENCES, "S", {"sequence"}},
};

/* Writes the names of members that are missing or incomplete because the user may not read them. */
static void
write_unreadable(WireBuffer *out, const Relation *relation, char kind, const Discovery *discovery)
{
	bool is_open = false;

	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++)
	{
		Statement statement = lacks[i].statement;

		if (!discovery->denied[statement] || !strchr(lacks[i].kinds, kind) ||
			(statement >= FIRST_TEXT && !relation->needs[statement]))
			continue;
		for (size_t m = 0; m < sizeof(lacks[i].members) / sizeof(char *) && lacks[i].members[m]; m++)
		{
			document_element(out, "unreadable", is_open);
			document_string(out, lacks[i].members[m]);
		}
	}
	document_end_elements(out, is_open);
}

/* False when something that belongs in the document could not be had. */
static bool
write_document(WireBuffer *out, const Chunk *chunk, const Relation *relation, int row,
			   const Discovery *discovery)
{
	const PGresult *relations = chunk->rows[STATEMENT_RELATIONS].result;
	const bool *denied = discovery->denied;
	char kind = row_char(relations, row, RELATION_KIND);
	const char *query = texts_find(&chunk->texts, relation->id, TEXT_QUERY, 0, 0);
	const char *partition_key = texts_find(&chunk->texts, relation->id, TEXT_PARTITION_KEY, 0, 0);
	bool complete;

	document_literal(out, "{");
	document_text(out, "comment", comment_of_relation(chunk, relation));
	document_text(out, "owner", only_text(chunk, relation, STATEMENT_OWNERS));
	complete = write_columns(out, chunk, relation, discovery);
	complete &= write_constraints(out, chunk, relation, &discovery->vocabulary, denied);
	complete &= write_indexes(out, chunk, relation, &discovery->vocabulary, denied);
	document_text(out, "definition", query);
	complete &= query != NULL || (kind != 'v' && kind != 'm') || denied[STATEMENT_QUERIES];
	document_text(out, "partition_key", partition_key);
	complete &= partition_key != NULL || kind != 'p' || denied[STATEMENT_PARTITION_KEYS];
	write_parents(out, chunk, relation, row, &discovery->vocabulary);
	write_foreign(out, chunk, relation);
	write_options(out, row_elements(relations, row, RELATION_OPTIONS));
	write_sequence(out, chunk, relation, &discovery->vocabulary);
	write_unreadable(out, relation, kind, discovery);
	document_literal(out, "}");
	return complete;
}

/*
 * A partition that is partitioned itself counts as a partitioned table; partition_of shows that it is a
 * partition.
 */
static const char *
kind_name(char kind, bool is_partition)
{
	switch (kind)
	{
		case 'r':
			return is_partition ? "partition" : "table";
		case 'p':
			return "partitioned_table";
		case 'f':
			return "foreign_table";
		case 'v':
			return "view";
		case 'm':
			return "materialized_view";
		case 'S':
			return "sequence";
		default:
			give_up_malformed();
	}
}

static int64_t
integer_or_absent(const PGresult *result, int row, int column)
{
	return row_is_null(result, row, column) ? ABSENT : row_int8(result, row, column);
}

/* Returns why the type of a column is not known, or NULL. */
static const char *
type_failure(const Chunk *chunk, const Relation *relation, const Types *types)
{
	const PGresult *columns = chunk->rows[STATEMENT_COLUMNS].result;
	Range range = relation->rows[STATEMENT_COLUMNS];

	for (int i = range.first; i < range.end; i++)
	{
		int row = chunk_row(chunk, STATEMENT_COLUMNS, i);
		const Type *type =
			types_find(types, row_oid(columns, row, COLUMN_TYPE), column_modifier(columns, row));

		if (type == NULL || type->name == NULL)
			return type && type->failure ? type->failure : "it was changed while it was being read";
	}
	return NULL;
}

/* A name that is not UTF-8 cannot be sent, and its replacement could be another relation's name. */
static const char *
name_failure(const Chunk *chunk, const Relation *relation, const char *name)
{
	const PGresult *columns = chunk->rows[STATEMENT_COLUMNS].result;
	Range range = relation->rows[STATEMENT_COLUMNS];

	if (!is_utf8(name))
		return "its name is not valid UTF-8";
	for (int i = range.first; i < range.end; i++)
		if (!is_utf8(row_name(columns, chunk_row(chunk, STATEMENT_COLUMNS, i), COLUMN_NAME)))
			return "the name of one of its columns is not valid UTF-8";
	return NULL;
}

/* Returns why the relation cannot be described, or NULL. */
static const char *
failure_of(const Chunk *chunk, const Relation *relation, const char *name, const Types *types)
{
	const char *reason = chunk_failure(chunk, relation->id);

	if (reason == NULL)
		reason = name_failure(chunk, relation, name);
	return reason ? reason : type_failure(chunk, relation, types);
}

/* Notes whether bytes had to be replaced in the document, which begins at that position. */
static void
note_replacements(Discovery *discovery, const Chunk *chunk, const WireBuffer *out, size_t start)
{
	bool possible =
		discovery->raw_texts || chunk->catalogs_failed || chunk->types_failed || chunk->texts_failed;

	if (possible && !out->failed && memmem(out->data + start, out->length - start, REPLACEMENT, 3))
		discovery->not_utf8++;
}

/* False when something that belongs in the document could not be had. */
static bool
emit_document(const Chunk *chunk, const Relation *relation, const RelationFrame *frame, int row,
			  Discovery *discovery)
{
	WireBuffer *out = emit_relation_begin(frame);
	size_t start = out->length;

	if (!write_document(out, chunk, relation, row, discovery))
		return false;
	note_replacements(discovery, chunk, out, start);
	emit_relation_end(frame, discovery->document_bytes);
	return true;
}

static void
emit_one(const Chunk *chunk, const Relation *relation, Discovery *discovery)
{
	const PGresult *result = chunk->rows[STATEMENT_RELATIONS].result;
	int row = chunk_row(chunk, STATEMENT_RELATIONS, relation->rows[STATEMENT_RELATIONS].first);
	Range columns = relation->rows[STATEMENT_COLUMNS];
	SignatureText signature;
	IdText id;
	const char *reason;
	RelationFrame frame = {
		.schema = schema_name(&discovery->vocabulary, row_oid(result, row, RELATION_SCHEMA)),
		.name = row_name(result, row, RELATION_NAME),
		.kind = kind_name(row_char(result, row, RELATION_KIND), row_bool(result, row, RELATION_IS_PARTITION)),
		.id = id_text(relation->id, id),
		.columns = columns.end - columns.first,
		.row_estimate = integer_or_absent(result, row, RELATION_ROW_ESTIMATE),
		.size_bytes = integer_or_absent(result, row, RELATION_SIZE),
		.signature = signature_of(&discovery->signatures, relation->id, &signature),
	};

	/* The whole schema was sent as skipped. */
	if (!is_utf8(frame.schema))
		return;
	reason = failure_of(chunk, relation, frame.name, &discovery->types);
	if (reason)
		emit_skipped(&frame, reason);
	else if (!emit_document(chunk, relation, &frame, row, discovery))
		emit_relation_abandon(&frame, "it was changed while it was being read");
}

void
emit_chunk(const Chunk *chunk, Discovery *discovery)
{
	for (int i = 0; i < chunk->count; i++)
		emit_one(chunk, &chunk->relations[i], discovery);
}
