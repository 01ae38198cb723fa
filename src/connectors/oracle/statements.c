/*
 * statements.c — plain selects over documented views: joins of these views are what makes Oracle slow, so the
 * connector joins. Columns of type LONG come last, in statements of their own, for few rows.
 *
 * Words in braces: {all} begins the names of the views, {owner} is a literal, {about} restricts the rows to
 * one relation; the others are columns that old versions lack.
 */
#include "connectors/oracle/statements.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/odbc/answer.h"
#include "connectors/odbc/failure.h"

#define COLUMN_CELLS                                                                                         \
	"C.INTERNAL_COLUMN_ID, C.COLUMN_NAME, C.DATA_TYPE, C.DATA_TYPE_OWNER, C.DATA_LENGTH, C.CHAR_LENGTH,"     \
	" C.CHAR_USED, C.DATA_PRECISION, C.DATA_SCALE, C.NULLABLE, C.VIRTUAL_COLUMN, C.HIDDEN_COLUMN,"           \
	" C.DEFAULT_LENGTH, {identity}, {collation}"

const Statement statement_owners = {.text = "SELECT USERNAME FROM {all}USERS WHERE ORACLE_MAINTAINED = 'N'",
									.cells = 1};

const Statement statement_all_owners = {.text = "SELECT USERNAME FROM {all}USERS", .cells = 1};

const Statement statement_objects = {
	.text = "SELECT OBJECT_NAME, OBJECT_TYPE, OBJECT_ID, STATUS FROM {all}OBJECTS WHERE OWNER = {owner}"
			" AND OBJECT_TYPE IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW', 'SEQUENCE', 'SYNONYM')"
			" AND SUBOBJECT_NAME IS NULL{named}",
	.cells = 4,
	.order_text = 1};

const Statement statement_tables = {
	.text = "SELECT TABLE_NAME, NUM_ROWS, PARTITIONED, TEMPORARY, IOT_TYPE, CLUSTER_NAME FROM {all}TABLES"
			" WHERE OWNER = {owner} AND NESTED = 'NO' AND SECONDARY = 'N' AND DROPPED = 'NO'"
			" AND IOT_NAME IS NULL",
	.cells = 6};

const Statement statement_external_tables = {
	.text = "SELECT TABLE_NAME, TYPE_NAME FROM {all}EXTERNAL_TABLES WHERE OWNER = {owner}", .cells = 2};

const Statement statement_partitions = {
	.text = "SELECT TABLE_NAME, PARTITIONING_TYPE FROM {all}PART_TABLES WHERE OWNER = {owner}", .cells = 2};

const Statement statement_partition_keys = {
	.text = "SELECT NAME, COLUMN_NAME, COLUMN_POSITION FROM {all}PART_KEY_COLUMNS WHERE OWNER = {owner}"
			" AND OBJECT_TYPE = 'TABLE'",
	.cells = 3,
	.order_number = 2};

const Statement statement_columns = {.text =
										 "SELECT C.TABLE_NAME, " COLUMN_CELLS
										 " FROM {all}TAB_COLS C WHERE C.OWNER = {owner}{about} AND {shown}",
									 .cells = COLUMN_COLUMNS - 1,
									 .order_number = 1};

const Statement statement_synonym_columns = {
	.text = "SELECT S.SYNONYM_NAME, " COLUMN_CELLS " FROM {all}SYNONYMS S JOIN {all}TAB_COLS C"
			" ON C.OWNER = S.TABLE_OWNER AND C.TABLE_NAME = S.TABLE_NAME"
			" WHERE S.OWNER = {owner}{synonym} AND S.DB_LINK IS NULL AND {shown}",
	.cells = COLUMN_COLUMNS - 1,
	.order_number = 1};

const Statement statement_defaults = {
	.text = "SELECT C.TABLE_NAME, C.COLUMN_NAME, C.DATA_DEFAULT FROM {all}TAB_COLS C"
			" WHERE C.OWNER = {owner} AND C.DEFAULT_LENGTH IS NOT NULL AND {shown}",
	.cells = 3,
	.order_text = 1};

const Statement statement_identities = {
	.text =
		"SELECT TABLE_NAME, COLUMN_NAME, GENERATION_TYPE FROM {all}TAB_IDENTITY_COLS WHERE OWNER = {owner}",
	.cells = 3,
	.order_text = 1};

const Statement statement_comments = {
	.text =
		"SELECT TABLE_NAME, COMMENTS FROM {all}TAB_COMMENTS WHERE OWNER = {owner} AND COMMENTS IS NOT NULL",
	.cells = 2};

const Statement statement_comments_of_materialized_views = {
	.text =
		"SELECT MVIEW_NAME, COMMENTS FROM {all}MVIEW_COMMENTS WHERE OWNER = {owner} AND COMMENTS IS NOT NULL",
	.cells = 2};

const Statement statement_column_comments = {
	.text = "SELECT TABLE_NAME, COLUMN_NAME, COMMENTS FROM {all}COL_COMMENTS WHERE OWNER = {owner}"
			" AND COMMENTS IS NOT NULL",
	.cells = 3,
	.order_text = 1};

const Statement statement_constraints = {
	.text = "SELECT TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE, R_OWNER, R_CONSTRAINT_NAME, DELETE_RULE,"
			" STATUS, VALIDATED, GENERATED, INDEX_NAME, {condition} FROM {all}CONSTRAINTS"
			" WHERE OWNER = {owner}{of_table} AND CONSTRAINT_TYPE IN ('P', 'U', 'R', 'C')",
	.cells = CONSTRAINT_COLUMNS - 1,
	.order_text = 1};

const Statement statement_key_columns = {
	.text = "SELECT CONSTRAINT_NAME, TABLE_NAME, COLUMN_NAME, POSITION FROM {all}CONS_COLUMNS"
			" WHERE OWNER = {owner}{of_table} AND POSITION IS NOT NULL",
	.cells = 4,
	.order_number = 3};

const Statement statement_long_conditions = {
	.text = "SELECT TABLE_NAME, CONSTRAINT_NAME, SEARCH_CONDITION FROM {all}CONSTRAINTS WHERE OWNER = {owner}"
			" AND CONSTRAINT_TYPE = 'C'",
	.cells = 3,
	.order_text = 1};

const Statement statement_indexes = {
	.text = "SELECT I.TABLE_NAME, I.INDEX_NAME, C.COLUMN_POSITION, I.INDEX_TYPE, I.UNIQUENESS, I.VISIBILITY,"
			" I.STATUS, C.COLUMN_NAME, C.DESCEND FROM {all}INDEXES I JOIN {all}IND_COLUMNS C"
			" ON C.INDEX_OWNER = I.OWNER AND C.INDEX_NAME = I.INDEX_NAME WHERE I.TABLE_OWNER = {owner}",
	.cells = 9,
	.order_text = 1,
	.order_number = 2};

const Statement statement_expressions = {
	.text = "SELECT TABLE_NAME, INDEX_NAME, COLUMN_POSITION, COLUMN_EXPRESSION FROM {all}IND_EXPRESSIONS"
			" WHERE TABLE_OWNER = {owner}",
	.cells = 4,
	.order_text = 1,
	.order_number = 2};

const Statement statement_views = {
	.text = "SELECT VIEW_NAME, TEXT_LENGTH, {text} FROM {all}VIEWS WHERE OWNER = {owner}", .cells = 3};

const Statement statement_long_views = {
	.text = "SELECT VIEW_NAME, TEXT FROM {all}VIEWS WHERE OWNER = {owner}{long}", .cells = 2};

const Statement statement_materialized_views = {
	.text = "SELECT MVIEW_NAME, QUERY FROM {all}MVIEWS WHERE OWNER = {owner}", .cells = 2};

const Statement statement_sequences = {
	.text = "SELECT SEQUENCE_NAME, MIN_VALUE, MAX_VALUE, INCREMENT_BY, CYCLE_FLAG, CACHE_SIZE"
			" FROM {all}SEQUENCES WHERE SEQUENCE_OWNER = {owner}",
	.cells = 6};

const Statement statement_synonyms = {
	.text = "SELECT SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK FROM {all}SYNONYMS WHERE OWNER = {owner}",
	.cells = 4};

/* ---- texts ---- */

static void
write_literal(WireBuffer *sql, const char *text)
{
	wire_append_text(sql, "'");
	for (; *text; text++)
		wire_append(sql, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
	wire_append_text(sql, "'");
}

static void
write_restriction(WireBuffer *sql, const char *column, const Wanted *wanted)
{
	if (wanted->relation == NULL)
		return;
	wire_append_text(sql, " AND ");
	wire_append_text(sql, column);
	wire_append_text(sql, " = ");
	write_literal(sql, wanted->relation);
}

static void
write_word(WireBuffer *sql, const Features *features, const Wanted *wanted, const char *word, size_t length)
{
#define IS(name) (length == sizeof(name) - 1 && memcmp(word, name, length) == 0)
	if (IS("all"))
		wire_append_text(sql, features->views);
	else if (IS("owner"))
		write_literal(sql, wanted->owner);
	else if (IS("about"))
		write_restriction(sql, "C.TABLE_NAME", wanted);
	else if (IS("of_table"))
		write_restriction(sql, "TABLE_NAME", wanted);
	else if (IS("named"))
		write_restriction(sql, "OBJECT_NAME", wanted);
	else if (IS("synonym"))
		write_restriction(sql, "S.SYNONYM_NAME", wanted);
	else if (IS("shown"))
		wire_append_text(sql, features->user_generated
								  ? "(C.HIDDEN_COLUMN = 'NO' OR C.USER_GENERATED = 'YES')"
								  : "C.HIDDEN_COLUMN = 'NO'");
	else if (IS("identity"))
		wire_append_text(sql, features->identity ? "C.IDENTITY_COLUMN" : "NULL");
	else if (IS("collation"))
		wire_append_text(sql, features->collation ? "C.COLLATION" : "NULL");
	else if (IS("condition"))
		wire_append_text(sql, features->search_condition_vc ? "SEARCH_CONDITION_VC" : "NULL");
	else if (IS("text"))
		wire_append_text(sql, features->text_vc ? "TEXT_VC" : "NULL");
	else if (IS("long"))
		wire_append_text(sql, features->text_vc ? " AND TEXT_LENGTH > 4000" : "");
#undef IS
}

static void
write_statement(WireBuffer *sql, const Features *features, const char *text, const Wanted *wanted)
{
	while (*text)
	{
		size_t plain = strcspn(text, "{");
		size_t word = text[plain] ? strcspn(text + plain, "}") : 0;

		wire_append(sql, text, plain);
		if (word > 0)
			write_word(sql, features, wanted, text + plain + 1, word - 1);
		text += plain + (word > 0 ? word + 1 : 0);
	}
	wire_append(sql, "", 1);
	if (sql->failed)
		give_up_out_of_memory();
}

/* ---- rows ---- */

/* Numbers of different lengths stand in their order. */
static void
write_order(WireBuffer *order, const Statement *statement, const char *const *cells)
{
	const char *text = statement->order_text ? cells[statement->order_text] : NULL;
	const char *number = statement->order_number ? cells[statement->order_number] : NULL;
	char padded[32];

	wire_reset(order);
	wire_append_text(order, text ? text : "");
	if (number != NULL)
	{
		snprintf(padded, sizeof(padded), "\x01%010ld", strtol(number, NULL, 10));
		wire_append_text(order, padded);
	}
	wire_append(order, "", 1);
	if (order->failed)
		give_up_out_of_memory();
}

static void
take_rows(OdbcAnswer *answer, const Statement *statement, SqlRows *rows)
{
	OdbcRow row = {0};
	WireBuffer order = {0};
	const char *values[ODBC_MOST_CELLS + 1];

	while (odbc_next_row(answer, &row, statement->cells))
	{
		if (row.cells[0] == NULL)
			continue;
		write_order(&order, statement, row.cells);
		values[ROW_KEY] = row.cells[0];
		values[ROW_ORDER] = order.data;
		for (int i = 1; i < statement->cells; i++)
			values[i + 1] = row.cells[i];
		sql_rows_add(rows, values);
	}
	if (answer->done != SQL_NO_DATA)
		give_up_query(SQL_HANDLE_STMT, answer->statement);
	wire_free(&row.text);
	wire_free(&order);
}

bool
statement_read(OdbcSession *session, const Features *features, const Statement *statement,
			   const Wanted *wanted, SqlRows *rows)
{
	WireBuffer sql = {0};
	OdbcAnswer answer;
	bool fine;

	*rows = (SqlRows){.columns = statement->cells + 1};
	write_statement(&sql, features, statement->text, wanted);
	odbc_begin(session, &answer);
	fine = odbc_ask(&answer, sql.data);
	if (fine)
		take_rows(&answer, statement, rows);
	else
		(void) odbc_explain(answer.statement); /* ends the process if the connection is lost */
	odbc_end(&answer);
	wire_free(&sql);
	sql_rows_sort(rows);
	return fine;
}

/* ---- what this dictionary has ---- */

static const Statement statement_dictionary = {
	.text = "SELECT TABLE_NAME, COLUMN_NAME FROM ALL_TAB_COLS WHERE OWNER = 'SYS'"
			" AND TABLE_NAME IN ('ALL_USERS', 'ALL_TAB_COLS', 'ALL_CONSTRAINTS', 'ALL_VIEWS')",
	.cells = 2,
	.order_text = 1};

static const Statement statement_dba_views = {.text = "SELECT TABLE_NAME FROM DBA_TABLES WHERE 1 = 0",
											  .cells = 1};

static const Statement statement_comparison = {
	.text = "SELECT PARAMETER, VALUE FROM NLS_SESSION_PARAMETERS WHERE PARAMETER = 'NLS_COMP'", .cells = 2};

static bool
has_column(const SqlRows *dictionary, const char *view, const char *column)
{
	SqlGroup columns = sql_rows_of(dictionary, view);

	for (size_t i = 0; i < columns.count; i++)
		if (columns.items[i][2] != NULL && strcmp(columns.items[i][2], column) == 0)
			return true;
	return false;
}

static bool
compares_bytes(OdbcSession *session, const Features *features)
{
	SqlRows rows;
	bool found = statement_read(session, features, &statement_comparison, &(Wanted){0}, &rows) &&
				 rows.count == 1 && rows.items[0][2] != NULL && strcmp(rows.items[0][2], "BINARY") == 0;

	sql_rows_free(&rows);
	return found;
}

void
statements_learn(OdbcSession *session, bool wants_dba, Features *features)
{
	SqlRows rows;

	*features = (Features){.views = "ALL_"};
	(void) statement_read(session, features, &statement_dictionary, &(Wanted){0}, &rows);
	features->oracle_maintained = has_column(&rows, "ALL_USERS", "ORACLE_MAINTAINED");
	features->identity = has_column(&rows, "ALL_TAB_COLS", "IDENTITY_COLUMN");
	features->user_generated = has_column(&rows, "ALL_TAB_COLS", "USER_GENERATED");
	features->collation = has_column(&rows, "ALL_TAB_COLS", "COLLATION");
	features->search_condition_vc = has_column(&rows, "ALL_CONSTRAINTS", "SEARCH_CONDITION_VC");
	features->text_vc = has_column(&rows, "ALL_VIEWS", "TEXT_VC");
	sql_rows_free(&rows);
	features->compares_bytes = compares_bytes(session, features);
	if (wants_dba && statement_read(session, features, &statement_dba_views, &(Wanted){0}, &rows))
		features->views = "DBA_";
	sql_rows_free(&rows);
}
