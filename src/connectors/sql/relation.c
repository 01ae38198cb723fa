/*
 * relation.c — writes documents, their members in the order of src/wire/README.md.
 */
#include "connectors/common/document.h"
#include "connectors/sql/relation.h"

static bool
names_are_utf8(const RelationFrame *frame, const SqlRelation *relation)
{
	bool fine = is_utf8(frame->schema) && is_utf8(frame->name);

	for (int i = 0; fine && i < relation->column_count; i++)
		fine = is_utf8(relation->columns[i].name);
	return fine;
}

#define write_names(out, member, names)                                                                      \
	do                                                                                                       \
	{                                                                                                        \
		bool names_are_open = false;                                                                         \
		for (int name_number = 0; name_number < (names)->count; name_number++)                               \
		{                                                                                                    \
			document_element(out, member, names_are_open);                                                   \
			document_string(out, (names)->items[name_number]);                                               \
		}                                                                                                    \
		document_end_elements(out, names_are_open);                                                          \
	} while (0)

static void
write_column(WireBuffer *out, const SqlColumn *column)
{
	document_literal(out, "{");
	document_text(out, "name", column->name);
	document_text(out, "id", column->id);
	document_text(out, "type", column->type);
	document_text(out, "pg_type", column->pg_type);
	document_flag(out, "not_null", column->not_null);
	document_text(out, "default", column->default_text);
	document_text(out, "identity", column->identity);
	document_text(out, "generated", column->generated);
	document_text(out, "expression", column->expression);
	document_text(out, "collation", column->collation);
	document_text(out, "comment", column->comment);
	write_names(out, "enum", &column->values);
	document_text(out, "domain_base", column->domain_base);
	document_flag(out, "invisible", column->invisible);
	if (column->more)
		wire_append_text(out, column->more);
	document_literal(out, "}");
}

static void
write_key(WireBuffer *out, const SqlKey *key)
{
	document_literal(out, "{");
	document_text(out, "name", key->name);
	write_names(out, "columns", &key->columns);
	document_text(out, "schema", key->schema);
	document_text(out, "table", key->table);
	write_names(out, "referenced_columns", &key->referenced);
	document_text(out, "on_update", key->on_update);
	document_text(out, "on_delete", key->on_delete);
	document_flag(out, "not_valid", key->not_valid);
	document_flag(out, "not_enforced", key->not_enforced);
	document_literal(out, "}");
}

static void
write_check(WireBuffer *out, const SqlCheck *check)
{
	document_literal(out, "{");
	document_text(out, "name", check->name);
	document_text(out, "definition", check->definition);
	document_flag(out, "not_valid", check->not_valid);
	document_flag(out, "not_enforced", check->not_enforced);
	document_literal(out, "}");
}

static void
write_index(WireBuffer *out, const SqlIndex *index)
{
	document_literal(out, "{");
	document_text(out, "name", index->name);
	document_text(out, "method", index->method);
	document_flag(out, "unique", index->unique);
	document_flag(out, "primary", index->primary);
	write_names(out, "columns", &index->columns);
	write_names(out, "include", &index->include);
	document_text(out, "predicate", index->predicate);
	document_flag(out, "invalid", index->invalid);
	document_text(out, "comment", index->comment);
	document_flag(out, "invisible", index->invisible);
	document_literal(out, "}");
}

/* Writes a member that is an array of objects. */
#define write_elements(out, member, items, count, write)                                                     \
	do                                                                                                       \
	{                                                                                                        \
		bool elements_are_open = false;                                                                      \
		for (int number = 0; number < (count); number++)                                                     \
		{                                                                                                    \
			document_element(out, member, elements_are_open);                                                \
			write(out, &(items)[number]);                                                                    \
		}                                                                                                    \
		document_end_elements(out, elements_are_open);                                                       \
	} while (0)

static void
write_options(WireBuffer *out, const SqlRelation *relation)
{
	if (relation->option_count == 0)
		return;
	document_member(out, "options");
	document_literal(out, "{");
	for (int i = 0; i < relation->option_count; i++)
	{
		document_separate(out);
		document_string(out, relation->options[i].name);
		document_literal(out, ":");
		document_string(out, relation->options[i].value);
	}
	document_literal(out, "}");
}

#define write_integer(out, member, text)                                                                     \
	do                                                                                                       \
	{                                                                                                        \
		if (text)                                                                                            \
		{                                                                                                    \
			document_member(out, member);                                                                    \
			wire_append_text(out, text);                                                                     \
		}                                                                                                    \
	} while (0)

static void
write_sequence(WireBuffer *out, const SqlSequence *sequence)
{
	document_member(out, "sequence");
	document_literal(out, "{");
	write_integer(out, "start", sequence->start);
	write_integer(out, "increment", sequence->increment);
	write_integer(out, "minimum", sequence->minimum);
	write_integer(out, "maximum", sequence->maximum);
	write_integer(out, "cache", sequence->cache);
	document_flag(out, "cycle", sequence->cycle);
	document_literal(out, "}");
}

static void
write_keys(WireBuffer *out, const SqlRelation *relation)
{
	if (relation->primary_key)
	{
		document_member(out, "primary_key");
		write_key(out, relation->primary_key);
	}
	write_elements(out, "unique", relation->uniques, relation->unique_count, write_key);
	write_elements(out, "foreign_keys", relation->foreign_keys, relation->foreign_key_count, write_key);
}

static void
write_document(WireBuffer *out, const SqlRelation *relation)
{
	document_literal(out, "{");
	document_text(out, "comment", relation->comment);
	write_elements(out, "columns", relation->columns, relation->column_count, write_column);
	write_keys(out, relation);
	write_elements(out, "checks", relation->checks, relation->check_count, write_check);
	write_elements(out, "indexes", relation->indexes, relation->index_count, write_index);
	document_text(out, "definition", relation->definition);
	document_text(out, "partition_key", relation->partition_key);
	write_options(out, relation);
	if (relation->sequence)
		write_sequence(out, relation->sequence);
	write_names(out, "unreadable", &relation->unreadable);
	document_literal(out, "}");
}

void
sql_emit_relation(RelationFrame *frame, const SqlRelation *relation, int64_t document_bytes)
{
	WireBuffer *out;

	if (!names_are_utf8(frame, relation))
	{
		emit_skipped(frame, "its name, or the name of a column, is not UTF-8");
		return;
	}
	frame->columns = relation->column_count;
	out = emit_relation_begin(frame);
	write_document(out, relation);
	emit_relation_end(frame, document_bytes);
}
