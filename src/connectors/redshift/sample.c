/*
 * sample.c — reads rows of relations, by one query each, in the order of the primary key where there is one.
 * The first rows are examples. Values count as categories only if all of them were read.
 *
 * Texts of the server are not passed on: they may hold values.
 */
#include "connectors/redshift/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/redshift/lookup.h"
#include "connectors/sql/quote.h"
#include "connectors/sql/sampled.h"

#define MOST_ROWS 20000

typedef struct Sampling
{
	Session *session;
	Found found;
	SqlArena arena;
	SqlSampled sampled; /* without the columns whose values cannot be read */
	WireBuffer sql;
	int most; /* rows */
} Sampling;

/* ---- which columns ---- */

static bool
is_alone(const SqlKey *key, const char *column)
{
	return key != NULL && key->columns.count == 1 && strcmp(key->columns.items[0], column) == 0;
}

/* Is the column a key by itself? */
static bool
is_key(const SqlRelation *relation, const char *column)
{
	for (int i = 0; i < relation->unique_count; i++)
		if (is_alone(&relation->uniques[i], column))
			return true;
	return is_alone(relation->primary_key, column);
}

static bool
may_have_categories(const SqlColumn *column)
{
	const char *type = column->type;

	return strncmp(type, "char", 4) == 0 || strncmp(type, "varchar", 7) == 0 || strcmp(type, "text") == 0 ||
		   strcmp(type, "smallint") == 0;
}

/* Writes how the column's value is asked for, behind a comma, and takes the column if there is a way. */
static void
take_column(Sampling *sampling, const SqlColumn *described)
{
	const SampleRequest *request = sampling->sampled.request;
	SqlSampledColumn *column = &sampling->sampled.columns[sampling->sampled.column_count];
	size_t before = sampling->sql.length;

	*column = (SqlSampledColumn){.name = described->name,
								 .is_bytes = described->pg_type && strcmp(described->pg_type, "bytea") == 0,
								 .is_hidden = sample_frame_hides(request, described->name)};
	column->values.are_open = request->categories > 0 && !column->is_hidden &&
							  may_have_categories(described) &&
							  !is_key(&sampling->found.relation, described->name);
	if (sql_sampled_shows(column))
	{
		wire_append_text(&sampling->sql, ", ");
		if (!lookup_write_value(&sampling->sql, described))
		{
			sampling->sql.length = before;
			return;
		}
	}
	sampling->sampled.column_count++;
}

static void
write_order(Sampling *sampling)
{
	const SqlKey *key = sampling->found.relation.primary_key;

	for (int i = 0; key != NULL && i < key->columns.count; i++)
	{
		wire_append_text(&sampling->sql, i == 0 ? " ORDER BY " : ", ");
		sql_quote_name(&sampling->sql, key->columns.items[i], '"', '"');
	}
}

static void
write_statement(Sampling *sampling, const SampledRelation *relation)
{
	SqlSampled *sampled = &sampling->sampled;
	const SqlRelation *described = &sampling->found.relation;

	sampled->columns =
		sql_arena_allocate(&sampling->arena, (size_t) described->column_count * sizeof(SqlSampledColumn));
	wire_append_text(&sampling->sql, "SELECT 1");
	for (int i = 0; i < described->column_count; i++)
		take_column(sampling, &described->columns[i]);
	lookup_write_relation(&sampling->sql, relation->schema, relation->name);
	write_order(sampling);
	sampling->most = sql_sampled_count_open(sampled) > 0 ? MOST_ROWS : sampled->request->examples;
	wire_append_text(&sampling->sql, " LIMIT ");
	wire_append_integer(&sampling->sql, sampling->most + 1);
	wire_append(&sampling->sql, "", 1);
	if (sampling->sql.failed)
		give_up_out_of_memory();
}

/* ---- rows ---- */

/* The columns of a row are those that are shown, behind the first one, which says nothing. */
static void
take_row(Sampling *sampling, const PGresult *row, bool is_example)
{
	SqlSampled *sampled = &sampling->sampled;
	const char **kept = allocate((size_t) sampled->rows.columns * sizeof(char *));
	int position = 1;

	if (PQnfields(row) != sampled->rows.columns)
		give_up_malformed();
	kept[0] = "";
	for (int i = 0; i < sampled->column_count; i++)
	{
		SqlSampledColumn *column = &sampled->columns[i];

		if (!sql_sampled_shows(column))
			continue;
		kept[position] = PQgetisnull(row, 0, position) ? NULL : PQgetvalue(row, 0, position);
		if (kept[position] != NULL && column->values.are_open)
			few_values_add(&column->values, sampled->request, kept[position]);
		position++;
	}
	if (is_example)
		sql_rows_add(&sampled->rows, kept);
	free(kept);
}

/* Returns why the rows could not be read, or NULL. */
static const char *
explain(Sampling *sampling)
{
	const char *sqlstate =
		sampling->session->failed ? PQresultErrorField(sampling->session->failed, PG_DIAG_SQLSTATE) : NULL;

	if (sampling->session->failed == NULL)
		return NULL;
	if (sqlstate != NULL && strcmp(sqlstate, "42501") == 0)
		return "the user may not read it";
	if (sqlstate != NULL && strcmp(sqlstate, "57014") == 0)
		return "reading it took longer than the source's scan may take";
	return sql_arena_join(&sampling->arena, "the server could not read it; its SQLSTATE is ",
						  sqlstate ? sqlstate : "unknown", "");
}

/* Returns why they could not be read, or NULL. */
static const char *
read_rows(Sampling *sampling)
{
	SqlSampled *sampled = &sampling->sampled;
	const char *explanation;
	PGresult *row;
	int rows = 0;

	emit_progress("scan", ABSENT); /* earlier queries may have taken time: this resets the server's limit */
	sampled->rows.columns = 1;
	for (int i = 0; i < sampled->column_count; i++)
		sampled->rows.columns += sql_sampled_shows(&sampled->columns[i]);
	session_begin(sampling->session);
	session_send(sampling->session, sampling->sql.data, NULL, 0);
	while ((row = session_next_row(sampling->session, NULL)) != NULL)
	{
		if (rows < sampling->most)
			take_row(sampling, row, rows < sampled->request->examples);
		rows++;
		PQclear(row);
	}
	explanation = explain(sampling);
	session_end_rows(sampling->session);
	if (rows > sampling->most)
		sql_sampled_close(sampled);
	return explanation;
}

static void
sample_relation(Session *session, const SampleRequest *request, int number)
{
	const SampledRelation *relation = &request->relations[number];
	Sampling sampling = {.session = session, .sampled.request = request};
	const char *explanation = "it is no longer in the data source";

	if (lookup(session, relation->schema, relation->name, relation->id, &sampling.found))
	{
		write_statement(&sampling, relation);
		explanation = read_rows(&sampling);
	}
	if (explanation == NULL)
		sql_sampled_emit(&sampling.sampled, number);
	else
		emit_sample_error(number, explanation);
	sql_sampled_forget(&sampling.sampled);
	wire_free(&sampling.sql);
	lookup_forget(&sampling.found);
	sql_arena_free(&sampling.arena);
}

void
sample(Session *session, const SampleRequest *request)
{
	session_bound(session, request->relation_timeout);
	for (int i = 0; i < request->relation_count; i++)
		sample_relation(session, request, i);
}
