/*
 * statements.c — writes statements. Every column is converted to nvarchar(max): then the library converts
 * nothing but characters, and no text has a length at which it could be cut.
 *
 * Names compare and sort in the catalog as the database's collation says. Rows are sorted by the digits of
 * the object's id, which no collation sees otherwise, and names by their code points.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/sql/quote.h"
#include "connectors/sqlserver/statements.h"

#define EXACT            " COLLATE Latin1_General_BIN2"
#define BY_OBJECT(value) " ORDER BY CONVERT(varchar(11), " value ")" EXACT
#define RELATIONS        "('U', 'V', 'ET', 'SN', 'SO')"

int64_t
number_of(const char *text)
{
	char *end;
	long long number;

	if (text == NULL)
		return ABSENT;
	errno = 0;
	number = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && number >= 0 ? number : ABSENT;
}

/* Takes one character off UTF-8 text, and returns its code point. */
static unsigned
next_character(const char **text)
{
	const unsigned char *at = (const unsigned char *) *text;
	size_t length = wire_utf8_length(*text, strlen(*text));
	unsigned code;

	if (length <= 1) /* a byte that is no UTF-8 is a character of its own */
	{
		*text += 1;
		return *at;
	}
	code = at[0] & (0x7F >> length);
	for (size_t i = 1; i < length; i++)
		code = code << 6 | (at[i] & 0x3F);
	*text += length;
	return code;
}

static void
write_unit(WireBuffer *sql, unsigned unit)
{
	static const char digits[] = "0123456789abcdef";
	const char bytes[] = {digits[unit >> 4 & 15], digits[unit & 15], digits[unit >> 12 & 15],
						  digits[unit >> 8 & 15]};

	wire_append(sql, bytes, sizeof(bytes));
}

/* As bytes of UTF-16: a literal would end at a quote, and drop a backslash at the end of a line. */
void
write_text(WireBuffer *sql, const char *text)
{
	if (*text == '\0')
	{
		wire_append_text(sql, "N''");
		return;
	}
	wire_append_text(sql, "CONVERT(nvarchar(max), 0x");
	while (*text != '\0')
	{
		unsigned code = next_character(&text);

		if (code >= 0x10000)
			write_unit(sql, 0xD800 + ((code - 0x10000) >> 10));
		write_unit(sql, code >= 0x10000 ? 0xDC00 + ((code - 0x10000) & 0x3FF) : code);
	}
	wire_append_text(sql, ")");
}

void
write_name(WireBuffer *sql, const char *name)
{
	sql_quote_name(sql, name, '[', ']');
}

void
write_relation_name(WireBuffer *sql, const char *schema, const char *relation)
{
	write_name(sql, schema);
	wire_append_text(sql, ".");
	write_name(sql, relation);
}

/* About the objects `o`. */
static void
write_condition(WireBuffer *sql, const Wanted *wanted)
{
	wire_append_text(sql, " WHERE o.is_ms_shipped = 0 AND o.type IN " RELATIONS " AND o.schema_id = ");
	wire_append_integer(sql, wanted->schema_id);
	if (wanted->ids == NULL)
		return;
	wire_append_text(sql, " AND o.object_id IN (");
	for (int i = 0; i < wanted->ids->count; i++)
	{
		wire_append_text(sql, i == 0 ? "" : ", ");
		wire_append_integer(sql, number_of(wanted->ids->items[i]));
	}
	wire_append_text(sql, ")");
}

static void
write_converted(WireBuffer *sql, const char *value)
{
	wire_append_text(sql, "CONVERT(nvarchar(max), ");
	wire_append_text(sql, value);
	wire_append_text(sql, ")");
}

/* Values of the answer. The last one is NULL. */
static void
write_texts(WireBuffer *sql, const char *begin, const char *const *values)
{
	for (; *values != NULL; values++)
	{
		wire_append_text(sql, begin);
		write_converted(sql, *values);
		begin = ", ";
	}
}

static void
write_feature(WireBuffer *sql, bool has, const char *column)
{
	wire_append_text(sql, ", ");
	write_converted(sql, has ? column : "NULL");
}

void
statement_databases(WireBuffer *sql)
{
	write_texts(sql, "SELECT ", (const char *[]){"d.name", NULL});
	wire_append_text(sql, " FROM sys.databases AS d WHERE HAS_DBACCESS(d.name) = 1"
						  " AND d.name NOT IN (N'master', N'model', N'msdb', N'tempdb')"
						  " ORDER BY d.name" EXACT);
}

void
statement_schemas(WireBuffer *sql)
{
	write_texts(sql, "SELECT ", (const char *[]){"s.name", "s.schema_id", "p.value", NULL});
	wire_append_text(sql,
					 " FROM sys.schemas AS s LEFT JOIN sys.extended_properties AS p ON p.class = 3"
					 " AND p.major_id = s.schema_id AND p.name = N'MS_Description'"
					 " WHERE s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest')"
					 " ORDER BY s.name" EXACT);
}

void
statement_objects(WireBuffer *sql, const Features *features, const Wanted *wanted)
{
	write_texts(sql, "SELECT ",
				(const char *[]){"o.object_id", "o.name", "RTRIM(o.type)", "m.definition",
								 "y.base_object_name", "p.value", NULL});
	write_feature(sql, features->temporal_type, "t.temporal_type");
	write_feature(sql, features->temporal_type, "g.name");
	write_feature(sql, features->temporal_type, "h.name");
	write_feature(sql, features->is_external, "t.is_external");
	write_feature(sql, features->is_memory_optimized, "t.is_memory_optimized");
	write_feature(sql, features->is_node, "t.is_node");
	write_feature(sql, features->is_node, "t.is_edge");
	wire_append_text(sql,
					 " FROM sys.objects AS o LEFT JOIN sys.tables AS t ON t.object_id = o.object_id"
					 " LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id"
					 " LEFT JOIN sys.synonyms AS y ON y.object_id = o.object_id"
					 " LEFT JOIN sys.extended_properties AS p ON p.class = 1 AND p.major_id = o.object_id"
					 " AND p.minor_id = 0 AND p.name = N'MS_Description'");
	if (features->temporal_type)
		wire_append_text(sql, " LEFT JOIN sys.objects AS h ON h.object_id = t.history_table_id"
							  " LEFT JOIN sys.schemas AS g ON g.schema_id = h.schema_id");
	write_condition(sql, wanted);
	wire_append_text(sql, BY_OBJECT("o.object_id"));
}

void
statement_columns(WireBuffer *sql, const Features *features, const Wanted *wanted)
{
	write_texts(sql, "SELECT ",
				(const char *[]){"c.object_id", "c.column_id", "c.name", "t.name", "s.name",
								 "t.is_user_defined", "b.name", "c.max_length", "c.precision", "c.scale",
								 "c.is_nullable", "c.collation_name", "c.default_object_id", "d.definition",
								 "c.is_computed", "x.definition", "x.is_persisted", "c.is_identity", NULL});
	write_feature(sql, features->is_hidden, "c.is_hidden");
	write_feature(sql, features->is_hidden, "c.generated_always_type");
	write_texts(sql, ", ", (const char *[]){"p.value", NULL});
	wire_append_text(
		sql, " FROM sys.columns AS c JOIN sys.objects AS o ON o.object_id = c.object_id"
			 " JOIN sys.types AS t ON t.user_type_id = c.user_type_id"
			 " JOIN sys.schemas AS s ON s.schema_id = t.schema_id"
			 " LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id"
			 " LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id"
			 " LEFT JOIN sys.computed_columns AS x ON x.object_id = c.object_id AND x.column_id = c.column_id"
			 " LEFT JOIN sys.extended_properties AS p ON p.class = 1 AND p.major_id = c.object_id"
			 " AND p.minor_id = c.column_id AND p.name = N'MS_Description'");
	write_condition(sql, wanted);
	wire_append_text(sql, BY_OBJECT("c.object_id") ", c.column_id");
}

void
statement_indexes(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ",
				(const char *[]){"i.object_id", "i.index_id", "i.name", "i.type_desc", "i.is_unique",
								 "i.is_primary_key", "i.is_unique_constraint", "i.filter_definition",
								 "i.is_disabled", "c.name", "k.key_ordinal", "k.is_descending_key",
								 "k.is_included_column", NULL});
	wire_append_text(
		sql, " FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id"
			 " JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id"
			 " LEFT JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id");
	write_condition(sql, wanted);
	wire_append_text(sql, " AND i.type > 0 AND i.is_hypothetical = 0" BY_OBJECT(
							  "i.object_id") ", i.index_id, k.key_ordinal, k.index_column_id");
}

void
statement_foreign_keys(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ",
				(const char *[]){"f.parent_object_id", "f.object_id", "f.name", "s.name", "r.name",
								 "f.delete_referential_action_desc", "f.update_referential_action_desc",
								 "f.is_disabled", "f.is_not_trusted", "a.name", "b.name", NULL});
	wire_append_text(
		sql,
		" FROM sys.foreign_keys AS f JOIN sys.objects AS o ON o.object_id = f.parent_object_id"
		" JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id"
		" LEFT JOIN sys.objects AS r ON r.object_id = f.referenced_object_id"
		" LEFT JOIN sys.schemas AS s ON s.schema_id = r.schema_id"
		" LEFT JOIN sys.columns AS a ON a.object_id = f.parent_object_id AND a.column_id = k.parent_column_id"
		" LEFT JOIN sys.columns AS b ON b.object_id = f.referenced_object_id AND b.column_id = k.referenced_column_id");
	write_condition(sql, wanted);
	wire_append_text(sql, BY_OBJECT("f.parent_object_id") ", f.name" EXACT ", k.constraint_column_id");
}

void
statement_checks(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ",
				(const char *[]){"k.parent_object_id", "k.name", "k.definition", "k.is_disabled",
								 "k.is_not_trusted", NULL});
	wire_append_text(
		sql, " FROM sys.check_constraints AS k JOIN sys.objects AS o ON o.object_id = k.parent_object_id");
	write_condition(sql, wanted);
	wire_append_text(sql, BY_OBJECT("k.parent_object_id") ", k.name" EXACT);
}

/* The rows of a heap, or of the clustered index: others have them again. */
void
statement_row_counts(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ", (const char *[]){"p.object_id", "SUM(p.rows)", NULL});
	wire_append_text(sql, " FROM sys.partitions AS p JOIN sys.objects AS o ON o.object_id = p.object_id");
	write_condition(sql, wanted);
	wire_append_text(sql, " AND p.index_id IN (0, 1) GROUP BY p.object_id" BY_OBJECT("p.object_id"));
}

void
statement_sizes(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ", (const char *[]){"p.object_id", "SUM(p.reserved_page_count) * 8192", NULL});
	wire_append_text(
		sql, " FROM sys.dm_db_partition_stats AS p JOIN sys.objects AS o ON o.object_id = p.object_id");
	write_condition(sql, wanted);
	wire_append_text(sql, " GROUP BY p.object_id" BY_OBJECT("p.object_id"));
}

/* Only the heap, or the clustered index, is the table itself. */
void
statement_partitions(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ", (const char *[]){"i.object_id", "c.name", NULL});
	wire_append_text(sql,
					 " FROM sys.indexes AS i JOIN sys.objects AS o ON o.object_id = i.object_id"
					 " JOIN sys.partition_schemes AS s ON s.data_space_id = i.data_space_id"
					 " JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id"
					 " JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id");
	write_condition(sql, wanted);
	wire_append_text(sql, " AND i.index_id IN (0, 1) AND k.partition_ordinal = 1" BY_OBJECT("i.object_id"));
}

void
statement_sequences(WireBuffer *sql, const Wanted *wanted)
{
	write_texts(sql, "SELECT ",
				(const char *[]){"q.object_id", "q.start_value", "q.increment", "q.minimum_value",
								 "q.maximum_value", "q.is_cycling", "q.cache_size", NULL});
	wire_append_text(sql, " FROM sys.sequences AS q JOIN sys.objects AS o ON o.object_id = q.object_id");
	write_condition(sql, wanted);
	wire_append_text(sql, BY_OBJECT("q.object_id"));
}

void
statement_find(WireBuffer *sql, const char *schema, const char *name)
{
	write_texts(sql, "SELECT ", (const char *[]){"o.object_id", "o.schema_id", "s.name", "o.name", NULL});
	wire_append_text(sql, " FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id"
						  " WHERE o.is_ms_shipped = 0 AND o.type IN ('U', 'V', 'ET') AND s.name" EXACT " = ");
	write_text(sql, schema);
	wire_append_text(sql, " AND o.name" EXACT " = ");
	write_text(sql, name);
	wire_append_text(sql, BY_OBJECT("o.object_id"));
}

/* The function takes a name of two parts, and the column's without brackets. */
void
statement_rights(WireBuffer *sql, const char *schema, const char *name, int64_t object_id)
{
	WireBuffer relation = {0};

	write_relation_name(&relation, schema, name);
	wire_append(&relation, "", 1);
	wire_append_text(sql,
					 "SELECT CONVERT(nvarchar(max), c.column_id), CONVERT(nvarchar(max), HAS_PERMS_BY_NAME(");
	if (relation.failed)
		sql->failed = true;
	else
		write_text(sql, relation.data);
	wire_append_text(
		sql, ", N'OBJECT', N'SELECT', c.name, N'COLUMN')) FROM sys.columns AS c WHERE c.object_id = ");
	wire_append_integer(sql, object_id);
	wire_append_text(sql, BY_OBJECT("c.column_id"));
	wire_free(&relation);
}

static bool
has_column(const SqlRows *catalog, const char *view, const char *column)
{
	SqlGroup columns = sql_rows_of(catalog, view);

	for (size_t i = 0; i < columns.count; i++)
		if (columns.items[i][1] != NULL && strcmp(columns.items[i][1], column) == 0)
			return true;
	return false;
}

void
statements_learn(Session *session, Features *features)
{
	SqlRows catalog = {.columns = 2};
	WireBuffer sql = {0};

	wire_append_text(&sql, "SELECT N'columns', CONVERT(nvarchar(max), c.name) FROM sys.all_columns AS c"
						   " WHERE c.object_id = OBJECT_ID(N'sys.columns') UNION ALL"
						   " SELECT N'tables', CONVERT(nvarchar(max), c.name) FROM sys.all_columns AS c"
						   " WHERE c.object_id = OBJECT_ID(N'sys.tables') ORDER BY 1");
	session_read(session, &sql, &catalog, NULL);
	features->is_hidden = has_column(&catalog, "columns", "is_hidden") &&
						  has_column(&catalog, "columns", "generated_always_type");
	features->temporal_type =
		has_column(&catalog, "tables", "temporal_type") && has_column(&catalog, "tables", "history_table_id");
	features->is_external = has_column(&catalog, "tables", "is_external");
	features->is_memory_optimized = has_column(&catalog, "tables", "is_memory_optimized");
	features->is_node =
		has_column(&catalog, "tables", "is_node") && has_column(&catalog, "tables", "is_edge");
	sql_rows_free(&catalog);
}
