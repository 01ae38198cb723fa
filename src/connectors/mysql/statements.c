/*
 * statements.c — writes statements. Names in conditions are hexadecimal literals, which no setting of the
 * server reads in another way.
 *
 * information_schema compares names without regard to case, and may sort them so: the condition on the bytes
 * leaves what is meant, and the order by bytes keeps the rows of one relation together.
 */
#include <string.h>

#include "connectors/mysql/statements.h"
#include "connectors/sql/quote.h"

#define BYTES_OF(column) "CAST(" column " AS BINARY)"

void
write_text(WireBuffer *sql, const char *text)
{
	if (*text == '\0')
	{
		wire_append_text(sql, "''");
		return;
	}
	wire_append_text(sql, "_utf8mb4 0x");
	sql_hexadecimal(sql, text);
}

/* The first comparison lets MariaDB open this schema alone. */
static void
write_equality(WireBuffer *sql, const char *column, const char *value)
{
	wire_append_text(sql, column);
	wire_append_text(sql, " = ");
	write_text(sql, value);
	wire_append_text(sql, " AND CAST(");
	wire_append_text(sql, column);
	wire_append_text(sql, " AS BINARY) = CAST(");
	write_text(sql, value);
	wire_append_text(sql, " AS BINARY)");
}

/* schema and relation: the catalog's columns with their names. */
static void
write_condition(WireBuffer *sql, const Wanted *wanted, const char *schema, const char *relation)
{
	wire_append_text(sql, " WHERE ");
	write_equality(sql, schema, wanted->schema);
	if (wanted->relations == NULL)
		return;
	for (int i = 0; i < wanted->relations->count; i++)
	{
		wire_append_text(sql, i == 0 ? " AND (" : " OR ");
		write_equality(sql, relation, wanted->relations->items[i]);
	}
	wire_append_text(sql, ")");
}

static void
write_feature(WireBuffer *sql, bool has, const char *column)
{
	wire_append_text(sql, ", ");
	wire_append_text(sql, has ? column : "NULL");
}

void
statement_schemas(WireBuffer *sql, const Features *features, const char *schema)
{
	wire_append_text(sql, "SELECT schema_name");
	write_feature(sql, features->schema_comment, "schema_comment");
	wire_append_text(sql, " FROM information_schema.schemata WHERE schema_name NOT IN "
						  "('information_schema', 'performance_schema', 'mysql', 'sys')");
	if (schema)
	{
		wire_append_text(sql, " AND ");
		write_equality(sql, "schema_name", schema);
	}
	wire_append_text(sql, " ORDER BY " BYTES_OF("schema_name"));
}

void
statement_tables(WireBuffer *sql, const Wanted *wanted)
{
	wire_append_text(sql, "SELECT table_name, table_type, engine, table_rows, data_length + index_length, "
						  "create_options, table_comment, table_collation FROM information_schema.tables");
	write_condition(sql, wanted, "table_schema", "table_name");
	wire_append_text(sql, " AND table_type <> 'SYSTEM VIEW' ORDER BY " BYTES_OF("table_name"));
}

void
statement_columns(WireBuffer *sql, const Features *features, const Wanted *wanted)
{
	wire_append_text(sql, "SELECT table_name, column_name, column_type, is_nullable, column_default, extra");
	write_feature(sql, features->generation_expression, "generation_expression");
	wire_append_text(sql, ", collation_name, column_comment, privileges FROM information_schema.columns");
	write_condition(sql, wanted, "table_schema", "table_name");
	wire_append_text(sql, " ORDER BY " BYTES_OF("table_name") ", ordinal_position");
}

/*
 * In MariaDB a key's name is unique in its table only. DISTINCT has the server make a table of the rules,
 * with an index; otherwise it compares each row with each.
 */
void
statement_foreign_keys(WireBuffer *sql, const Wanted *wanted)
{
	wire_append_text(sql, "SELECT k.table_name, k.constraint_name, k.column_name, k.referenced_table_schema, "
						  "k.referenced_table_name, k.referenced_column_name, r.update_rule, r.delete_rule "
						  "FROM information_schema.key_column_usage k "
						  "JOIN (SELECT DISTINCT table_name, constraint_name, update_rule, delete_rule "
						  "FROM information_schema.referential_constraints WHERE ");
	write_equality(sql, "constraint_schema", wanted->schema);
	wire_append_text(sql, ") r ON r.constraint_name = k.constraint_name AND r.table_name = k.table_name");
	write_condition(sql, wanted, "k.table_schema", "k.table_name");
	wire_append_text(
		sql, " AND k.referenced_table_name IS NOT NULL "
			 "ORDER BY " BYTES_OF("k.table_name") ", " BYTES_OF("k.constraint_name") ", "
																					 "k.ordinal_position");
}

void
statement_indexes(WireBuffer *sql, const Features *features, const Wanted *wanted)
{
	wire_append_text(sql, "SELECT table_name, index_name, non_unique, seq_in_index, column_name, collation, "
						  "sub_part, index_type, index_comment");
	write_feature(sql, features->is_visible || features->ignored,
				  features->ignored ? "ignored = 'YES'" : "is_visible = 'NO'");
	write_feature(sql, features->is_visible, "expression");
	wire_append_text(sql, " FROM information_schema.statistics");
	write_condition(sql, wanted, "table_schema", "table_name");
	wire_append_text(sql, " ORDER BY " BYTES_OF("table_name") ", index_name <> 'PRIMARY', " BYTES_OF(
							  "index_name") ", seq_in_index");
}

void
statement_checks(WireBuffer *sql, const Features *features, const Wanted *wanted)
{
	if (features->checks_have_table)
	{
		wire_append_text(sql, "SELECT table_name, constraint_name, check_clause, 'YES'");
		write_feature(sql, features->checks_have_level, "level");
		wire_append_text(sql, " FROM information_schema.check_constraints");
		write_condition(sql, wanted, "constraint_schema", "table_name");
		wire_append_text(sql, " ORDER BY " BYTES_OF("table_name") ", " BYTES_OF("constraint_name"));
		return;
	}
	wire_append_text(
		sql, "SELECT t.table_name, t.constraint_name, c.check_clause, t.enforced, NULL "
			 "FROM information_schema.table_constraints t "
			 "JOIN information_schema.check_constraints c "
			 "ON c.constraint_schema = t.constraint_schema AND c.constraint_name = t.constraint_name");
	write_condition(sql, wanted, "t.table_schema", "t.table_name");
	wire_append_text(sql, " AND t.constraint_type = 'CHECK' "
						  "ORDER BY " BYTES_OF("t.table_name") ", " BYTES_OF("t.constraint_name"));
}

void
statement_views(WireBuffer *sql, const Wanted *wanted)
{
	wire_append_text(sql, "SELECT table_name, view_definition, check_option, security_type "
						  "FROM information_schema.views");
	write_condition(sql, wanted, "table_schema", "table_name");
	wire_append_text(sql, " ORDER BY " BYTES_OF("table_name"));
}

/* All partitions of a table have the same method; what they hold is not a part of the description. */
void
statement_partitions(WireBuffer *sql, const Wanted *wanted)
{
	wire_append_text(sql, "SELECT table_name, MIN(partition_method), MIN(partition_expression), "
						  "MIN(subpartition_method), MIN(subpartition_expression) "
						  "FROM information_schema.partitions");
	write_condition(sql, wanted, "table_schema", "table_name");
	wire_append_text(sql, " AND partition_name IS NOT NULL "
						  "GROUP BY " BYTES_OF("table_name") ", table_name ORDER BY " BYTES_OF("table_name"));
}

void
write_name(WireBuffer *sql, const char *name)
{
	sql_quote_name(sql, name, '`', '`');
}

void
write_relation_name(WireBuffer *sql, const char *schema, const char *relation)
{
	write_name(sql, schema);
	wire_append_text(sql, ".");
	write_name(sql, relation);
}

void
statement_sequence(WireBuffer *sql, const char *schema, const char *name)
{
	wire_append_text(sql, "SELECT ");
	write_text(sql, name);
	wire_append_text(
		sql, ", start_value, increment, minimum_value, maximum_value, cache_size, cycle_option FROM ");
	write_relation_name(sql, schema, name);
}

static bool
has_column(const SqlRows *catalog, const char *view, const char *column)
{
	SqlGroup columns = sql_rows_of(catalog, view);

	for (size_t i = 0; i < columns.count; i++)
		if (strcmp(columns.items[i][1], column) == 0)
			return true;
	return false;
}

void
statements_learn(Session *session, Features *features)
{
	SqlRows catalog = {.columns = 2};
	WireBuffer sql = {0};

	wire_append_text(&sql,
					 "SELECT UPPER(table_name), UPPER(column_name) FROM information_schema.columns "
					 "WHERE table_schema = 'information_schema' AND UPPER(table_name) IN ('SCHEMATA', "
					 "'COLUMNS', 'STATISTICS', 'CHECK_CONSTRAINTS', 'TABLE_CONSTRAINTS') ORDER BY 1, 2");
	session_read(session, &sql, &catalog);
	features->schema_comment = has_column(&catalog, "SCHEMATA", "SCHEMA_COMMENT");
	features->generation_expression = has_column(&catalog, "COLUMNS", "GENERATION_EXPRESSION");
	features->is_visible =
		has_column(&catalog, "STATISTICS", "IS_VISIBLE") && has_column(&catalog, "STATISTICS", "EXPRESSION");
	features->ignored = has_column(&catalog, "STATISTICS", "IGNORED");
	features->checks_have_table = has_column(&catalog, "CHECK_CONSTRAINTS", "TABLE_NAME");
	features->checks_have_level = has_column(&catalog, "CHECK_CONSTRAINTS", "LEVEL");
	features->checks =
		features->checks_have_table || (has_column(&catalog, "CHECK_CONSTRAINTS", "CHECK_CLAUSE") &&
										has_column(&catalog, "TABLE_CONSTRAINTS", "ENFORCED"));
	sql_rows_free(&catalog);
}
