/*
 * sample.c — reads the values of relations, one after the other, each in its own READ ONLY transaction.
 *
 * There are three queries: the columns, with what the server's statistics know of them; the values of columns
 * whose categories the statistics do not settle; a few rows. No query reads more than MOST_ROWS rows of a
 * table, or more of a value than it needs. Values count as categories only if all of them were read: in
 * complete statistics, or by a query that reached the end of the relation.
 *
 * Messages of the server are not passed on: they may hold values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/sample_frame.h"
#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/sample.h"
#include "connectors/postgresql/sample_failure.h"
#include "connectors/postgresql/sample_identity.h"

#define MOST_ROWS      "20000"
#define MOST_ROWS_SEEN 20000
/*
 * Columns in one query for values. Each means reading the rows again, and columns further right take longer.
 */
#define GROUP_COLUMNS 50
/* Characters of a value that are checked for private data, even if fewer are shown. */
#define CHECKED_LENGTH "1000"

/* The categories of a column, as far as the source's catalogs know them. */
typedef enum Knowledge
{
	UNKNOWN = 'u',
	COMPLETE = 'c',
	NONE = 'n', /* too many, or values of another kind */
} Knowledge;

enum
{
	COLUMN_RELATION, /* quoted, with its schema */
	COLUMN_NAME,
	COLUMN_QUOTED,
	COLUMN_KNOWLEDGE,
	COLUMN_VALUES,
	COLUMN_IS_TYPE, /* all values of the type, whether they are stored or not */
	COLUMN_IS_TEXT,
	COLUMN_IS_BINARY,
	COLUMN_HAS_SAFE_CAST, /* its cast to text runs no user's function */
};

/* The type below domains, at any depth; and whether it is bytes, below arrays too. */
#define BASE_TYPE                                                                                            \
	"WITH RECURSIVE w (oid, name, kind, below, level) AS ("                                                  \
	"SELECT t.oid, t.typname, t.typtype, CASE WHEN t.typtype = 'd' THEN t.typbasetype "                      \
	"WHEN t.typcategory = 'A' THEN t.typelem END, 0 FROM pg_catalog.pg_type t WHERE t.oid = l.oid "          \
	"UNION ALL SELECT t.oid, t.typname, t.typtype, CASE WHEN t.typtype = 'd' THEN t.typbasetype "            \
	"WHEN t.typcategory = 'A' THEN t.typelem END, w.level + 1 "                                              \
	"FROM w JOIN pg_catalog.pg_type t ON t.oid = w.below) "                                                  \
	"SELECT (array_agg(w.oid ORDER BY w.level) FILTER (WHERE w.kind <> 'd'))[1], "                           \
	"coalesce(bool_or(w.name IN ('bytea', 'lo')), false) FROM w"

/*
 * n_distinct is negative if it is a fraction of the rows. Statistics are complete if they hold as many values
 * as there are different ones and their frequencies add up to all rows. They are fresh enough if nothing, or
 * little of a large table, has changed since.
 */
static const char columns_sql[] =
	"SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname::text, quote_ident(a.attname), "
	"CASE WHEN e.labels IS NOT NULL THEN CASE WHEN cardinality(e.labels) <= $3::integer THEN 'c' ELSE 'n' END "
	"WHEN b.typname = 'bool' THEN 'c' "
	"WHEN k.is_key OR (b.typcategory <> 'S' AND b.typname <> 'int2') THEN 'n' "
	"WHEN NOT f.fresh THEN CASE WHEN f.large THEN 'n' ELSE 'u' END "
	"WHEN s.null_frac = 1 OR d.count > $3::integer THEN 'n' "
	"WHEN d.count = m.count AND m.total + s.null_frac > 0.9999 THEN 'c' "
	"WHEN f.large THEN 'n' ELSE 'u' END, "
	"CASE WHEN e.labels IS NOT NULL THEN e.labels WHEN b.typname = 'bool' THEN '{false,true}' "
	"WHEN m.count <= $3::integer THEN m.vals END, "
	"e.labels IS NOT NULL OR b.typname = 'bool', b.typcategory = 'S' AND t.is_safe, "
	"g.of_bytes, t.is_safe "
	"FROM pg_catalog.pg_namespace n "
	"JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid "
	"LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
	"AND has_column_privilege(c.oid, a.attnum, 'SELECT') "
	"LEFT JOIN pg_catalog.pg_type l ON l.oid = a.atttypid "
	"CROSS JOIN LATERAL (" BASE_TYPE ") g (base, of_bytes) "
	"LEFT JOIN pg_catalog.pg_type b ON b.oid = g.base "
	"LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname "
	"AND s.attname = a.attname AND NOT s.inherited "
	"CROSS JOIN LATERAL (SELECT (SELECT array_agg(x.enumlabel::text ORDER BY x.enumsortorder) "
	"FROM pg_catalog.pg_enum x WHERE x.enumtypid = b.oid)) e (labels) "
	"CROSS JOIN LATERAL (SELECT b.typnamespace = 'pg_catalog'::regnamespace OR EXISTS (SELECT FROM pg_cast x "
	"WHERE x.castsource = b.oid AND x.casttarget = 'text'::regtype AND x.castmethod = 'b')) t (is_safe) "
	"CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid "
	"AND i.indisunique AND i.indpred IS NULL AND i.indkey[0] = a.attnum "
	"AND coalesce((to_jsonb(i) ->> 'indnkeyatts')::integer, i.indnatts) = 1)) k (is_key) "
	"CROSS JOIN LATERAL (SELECT c.relkind IN ('r', 'm') AND c.reltuples > " MOST_ROWS ", "
	"c.relkind IN ('r', 'm') AND NOT c.relhassubclass AND s.attname IS NOT NULL AND c.reltuples > 0 "
	"AND pg_stat_get_mod_since_analyze(c.oid) <= CASE WHEN c.reltuples > " MOST_ROWS
	" THEN c.reltuples / 20 ELSE 0 END) f (large, fresh) "
	"CROSS JOIN LATERAL (SELECT CASE WHEN s.n_distinct < 0 THEN round(-s.n_distinct * c.reltuples) "
	"ELSE s.n_distinct END) d (count) "
	"CROSS JOIN LATERAL (SELECT count(*), sum(v.frequency), array_agg(CASE b.typname WHEN 'bpchar' "
	"THEN rtrim(v.value, ' ') ELSE v.value END) "
	"FROM unnest(s.most_common_vals::text::text[], s.most_common_freqs) v (value, frequency)) m (count, total, vals) "
	"WHERE n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum";

typedef struct Sampling
{
	Session *session;
	const SampleRequest *request;
	PGresult *columns; /* of the present relation */
	PGresult **values; /* of each group of unknown columns a row */
	int groups;
	PGresult *rows; /* NULL: no examples were asked for */
} Sampling;

/* ---- asking ---- */

/* Returns the statement's rows, or NULL and an explanation. */
static PGresult *
receive(Session *session, const char **error)
{
	PGresult *failed = NULL;
	PGresult *result = session_receive(session, &failed);

	if (failed && *error == NULL)
		*error = sample_failure(failed);
	PQclear(failed);
	return result;
}

static PGresult *
query(Session *session, const char *sql, const char **error)
{
	PGresult *result;

	emit_progress("scan", ABSENT); /* earlier queries may have taken time: this resets the server's limit */
	session_ask(session, sql, NULL);
	session_end_batch(session);
	result = receive(session, error);
	session_receive_end(session);
	return result;
}

static void
begin(Session *session, const SampleRequest *request, const char **error)
{
	PGresult *failed = NULL;

	/*
	 * lock_timeout must be shorter than statement_timeout, or a lock wait would be reported as a slow query.
	 */
	session_ask_begin(session, request->relation_timeout, request->relation_timeout * INT64_C(500));
	session_end_batch(session);
	session_receive_begin(session, &failed);
	session_receive_end(session);
	if (failed)
		*error = sample_failure(failed);
	PQclear(failed);
}

static void
ask_columns(Sampling *sampling, const SampledRelation *relation, const char **error)
{
	char most[16];
	Parameter parameters[] = {{.value = relation->schema}, {.value = relation->name}, {.value = most}};

	snprintf(most, sizeof(most), "%d", sampling->request->categories);
	session_ask_all(sampling->session, columns_sql, parameters, 3);
	session_end_batch(sampling->session);
	sampling->columns = receive(sampling->session, error);
	session_receive_end(sampling->session);
	if (sampling->columns == NULL)
		return;
	if (PQntuples(sampling->columns) == 0)
		*error = "it is no longer in the data source";
}

/* ---- which columns ---- */

static const char *
column_name(const Sampling *sampling, int column)
{
	return row_name(sampling->columns, column, COLUMN_NAME);
}

static bool
is_private(const Sampling *sampling, int column)
{
	return sample_frame_hides(sampling->request, column_name(sampling, column));
}

static Knowledge
knowledge_of(const Sampling *sampling, int column)
{
	Knowledge knowledge = (Knowledge) row_name(sampling->columns, column, COLUMN_KNOWLEDGE)[0];
	bool is_type = row_bool(sampling->columns, column, COLUMN_IS_TYPE);

	if (sampling->request->categories == 0 || (is_private(sampling, column) && !is_type))
		return NONE;
	return knowledge;
}

/* A relation without columns that may be read has one row without a name. */
static int
column_count(const Sampling *sampling)
{
	if (row_is_null(sampling->columns, 0, COLUMN_NAME))
		return 0;
	return PQntuples(sampling->columns);
}

static const char *
quoted(const Sampling *sampling, int column)
{
	return row_name(sampling->columns, column, COLUMN_QUOTED);
}

/* ---- the values of columns ---- */

static int
count_unknown(const Sampling *sampling)
{
	int count = 0;

	for (int i = 0; i < column_count(sampling); i++)
		count += knowledge_of(sampling, i) == UNKNOWN;
	return count;
}

/* Returns the first column, from `column` on, that the statistics do not settle; or the number of columns. */
static int
next_unknown(const Sampling *sampling, int column)
{
	while (column < column_count(sampling) && knowledge_of(sampling, column) != UNKNOWN)
		column++;
	return column;
}

static void
append_number(WireBuffer *sql, const char *before, int number, const char *after)
{
	wire_append_text(sql, before);
	wire_append_integer(sql, number);
	wire_append_text(sql, after);
}

/* Writes a column's value as text: by its type's output function if a user may have made the cast. */
static void
write_text(const Sampling *sampling, int column, WireBuffer *sql)
{
	bool safe = row_bool(sampling->columns, column, COLUMN_HAS_SAFE_CAST);

	wire_append_text(sql, safe ? "" : "CASE WHEN ");
	wire_append_text(sql, quoted(sampling, column));
	if (safe)
	{
		wire_append_text(sql, "::pg_catalog.text");
		return;
	}
	wire_append_text(sql, " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', ");
	wire_append_text(sql, quoted(sampling, column));
	wire_append_text(sql, ") END");
}

/*
 * Writes SELECT count(*), ARRAY(SELECT DISTINCT …), … over a bounded number of rows, for a group of unknown
 * columns that begins with this one. Returns the column after the group.
 */
static int
write_values_query(const Sampling *sampling, int first, WireBuffer *sql)
{
	const SampleRequest *request = sampling->request;
	int end = first;

	wire_append_text(sql, "WITH bounded AS (SELECT 1");
	for (int count = 0; count < GROUP_COLUMNS && end < column_count(sampling); count++)
	{
		wire_append_text(sql, ", pg_catalog.left(");
		write_text(sampling, end, sql);
		append_number(sql, ", ", request->category_length + 1, ")");
		append_number(sql, " AS c", end, "");
		end = next_unknown(sampling, end + 1);
	}
	wire_append_text(sql, " FROM ");
	wire_append_text(sql, row_name(sampling->columns, 0, COLUMN_RELATION));
	wire_append_text(sql, " LIMIT " MOST_ROWS " + 1) SELECT (SELECT pg_catalog.count(*) FROM bounded)");
	for (int i = first; i < end; i = next_unknown(sampling, i + 1))
	{
		append_number(sql, ", ARRAY(SELECT DISTINCT c", i, "");
		append_number(sql, " FROM bounded WHERE c", i, " IS NOT NULL");
		append_number(sql, " LIMIT ", request->categories + 1, ")");
	}
	wire_append(sql, "", 1);
	return end;
}

static PGresult *
run_written(Session *session, WireBuffer *sql, const char **error)
{
	PGresult *result;

	if (sql->failed)
		give_up_out_of_memory();
	result = query(session, sql->data, error);
	wire_free(sql);
	return result;
}

static void
ask_values(Sampling *sampling, const char **error)
{
	int count = count_unknown(sampling);
	int column = next_unknown(sampling, 0);

	sampling->values = allocate((size_t) (count / GROUP_COLUMNS + 1) * sizeof(PGresult *));
	while (*error == NULL && column < column_count(sampling))
	{
		WireBuffer sql = {0};

		column = write_values_query(sampling, column, &sql);
		sampling->values[sampling->groups++] = run_written(sampling->session, &sql, error);
	}
}

static void
free_values(Sampling *sampling)
{
	for (int i = 0; i < sampling->groups; i++)
		PQclear(sampling->values[i]);
	free(sampling->values);
}

/* ---- a few rows ---- */

/* A value that is not text may be much longer as text than its size, so only small ones are converted. */
static void
write_rows_query(const Sampling *sampling, WireBuffer *sql)
{
	wire_append_text(sql, "SELECT 1");
	for (int i = 0; i < column_count(sampling); i++)
	{
		if (row_bool(sampling->columns, i, COLUMN_IS_BINARY) || is_private(sampling, i))
			continue;
		wire_append_text(sql, ", ");
		if (!row_bool(sampling->columns, i, COLUMN_IS_TEXT))
		{
			wire_append_text(sql, "CASE WHEN pg_catalog.pg_column_size(");
			wire_append_text(sql, quoted(sampling, i));
			wire_append_text(sql, ") <= 65536 THEN ");
		}
		wire_append_text(sql, "pg_catalog.left(");
		write_text(sampling, i, sql);
		wire_append_text(sql, ", " CHECKED_LENGTH ")");
		if (!row_bool(sampling->columns, i, COLUMN_IS_TEXT))
			wire_append_text(sql, " END");
	}
	wire_append_text(sql, " FROM ");
	wire_append_text(sql, row_name(sampling->columns, 0, COLUMN_RELATION));
	append_number(sql, " LIMIT ", sampling->request->examples, "");
	wire_append(sql, "", 1);
}

static void
ask_rows(Sampling *sampling, const char **error)
{
	WireBuffer sql = {0};

	if (sampling->request->examples == 0)
		return;
	write_rows_query(sampling, &sql);
	sampling->rows = run_written(sampling->session, &sql, error);
}

/* ---- the frame ---- */

/* Adds all values of a column, from an array of texts. */
static void
add_categories(const Sampling *sampling, SampleFrame *frame, int column, const PGresult *result, int row,
			   int cell)
{
	Elements elements = row_elements(result, row, cell);
	Element element;

	while (next_element(&elements, &element))
		sample_frame_add_value(frame, element.bytes, (size_t) element.length);
	sample_frame_end_values(frame, column_name(sampling, column),
							row_bool(sampling->columns, column, COLUMN_IS_TYPE));
}

static void
add_all_categories(const Sampling *sampling, SampleFrame *frame)
{
	int unknown = 0;

	for (int i = 0; i < column_count(sampling); i++)
	{
		Knowledge knowledge = knowledge_of(sampling, i);

		if (knowledge == COMPLETE)
			add_categories(sampling, frame, i, sampling->columns, i, COLUMN_VALUES);
		else if (knowledge == UNKNOWN)
		{
			const PGresult *values = sampling->values[unknown / GROUP_COLUMNS];

			if (row_int8(values, 0, 0) <= MOST_ROWS_SEEN)
				add_categories(sampling, frame, i, values, 0, 1 + unknown % GROUP_COLUMNS);
			unknown++;
		}
	}
}

/* Adds a row. The query left out hidden columns and columns of bytes. */
static void
add_row(const Sampling *sampling, SampleFrame *frame, int row)
{
	int cell = 1;

	sample_frame_begin_row(frame);
	for (int i = 0; i < column_count(sampling); i++)
	{
		if (row_bool(sampling->columns, i, COLUMN_IS_BINARY))
			continue;
		sample_frame_add_cell(frame, column_name(sampling, i),
							  is_private(sampling, i) ? NULL : row_text(sampling->rows, row, cell++));
	}
	sample_frame_end_row(frame);
}

static void
emit_sample(const Sampling *sampling, int number)
{
	SampleFrame frame;

	sample_frame_begin(&frame, sampling->request, number);
	add_all_categories(sampling, &frame);
	for (int row = 0; sampling->rows && row < PQntuples(sampling->rows); row++)
		add_row(sampling, &frame, row);
	sample_frame_end(&frame);
}

static void
sample_relation(Session *session, const SampleRequest *request, int number)
{
	Sampling sampling = {.session = session, .request = request};
	const char *error = NULL;

	begin(session, request, &error);
	if (error == NULL)
		error = sample_identity(session, &request->relations[number]);
	if (error == NULL)
		ask_columns(&sampling, &request->relations[number], &error);
	if (error == NULL && column_count(&sampling) == 0)
		error = "it has no column that the user of the data source may read";
	if (error == NULL)
		ask_values(&sampling, &error);
	if (error == NULL)
		ask_rows(&sampling, &error);
	session_rollback(session);
	if (error == NULL)
		emit_sample(&sampling, number);
	else
		emit_sample_error(number, error);
	PQclear(sampling.columns);
	free_values(&sampling);
	PQclear(sampling.rows);
}

void
sample(Session *session, const SampleRequest *request)
{
	/* The server ends a query that takes too long. If it does not, the connector does. */
	session->query_timeout = request->relation_timeout + 1;
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, request, i);
}
