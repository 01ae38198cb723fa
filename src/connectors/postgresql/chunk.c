/*
 * chunk.c — asking for a chunk, and finding out what it needs beyond the catalogs.
 *
 * Texts that make the server lock relations are asked for inside a savepoint that is rolled back at once,
 * which releases the locks. When that fails because of one relation (somebody holds an exclusive lock, a
 * function is broken), each relation is asked about by itself and those that fail are skipped, with the
 * reason.
 */
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/chunk.h"
#include "connectors/postgresql/constraints.h"
#include "connectors/postgresql/indexes.h"

/* For each list: the group of relations whose rows it has, and what orders the rows of one. */
static const struct
{
	int group;
	RowOrder order;
} catalogs[CATALOG_COUNT] = {
	[STATEMENT_RELATIONS] = {LIST_ALL, BY_OID},      [STATEMENT_COLUMNS] = {LIST_TABLES, BY_NUMBER},
	[STATEMENT_DEFAULTS] = {LIST_TABLES, BY_NUMBER}, [STATEMENT_CONSTRAINTS] = {LIST_TABLES, BY_NAME},
	[STATEMENT_INDEXES] = {LIST_TABLES, BY_NAME},    [STATEMENT_COMMENTS] = {LIST_ALL, BY_NUMBER},
	[STATEMENT_PARENTS] = {LIST_TABLES, BY_NUMBER},  [STATEMENT_SEQUENCES] = {LIST_SEQUENCES, BY_OID},
	[STATEMENT_FOREIGN] = {LIST_FOREIGN, BY_OID},
};

void
chunk_ask_catalogs(Chunk *chunk, Session *session, PGresult *list)
{
	*chunk = (Chunk){.list = list};
	for (int i = 0; i < CATALOG_COUNT; i++)
	{
		Parameter relations = {.value = PQgetvalue(list, 0, catalogs[i].group),
							   .length = PQgetlength(list, 0, catalogs[i].group),
							   .binary = true};

		if (!row_is_null(list, 0, catalogs[i].group))
			statement_execute(session, (Statement) i, &relations, 1);
	}
	session_ask(session, fetch_list_sql, NULL);
	session_end_batch(session);
}

int
chunk_column(const Chunk *chunk, const Relation *relation, int64_t number)
{
	const PGresult *result = chunk->rows[STATEMENT_COLUMNS].result;
	int low = relation->rows[STATEMENT_COLUMNS].first;
	int high = relation->rows[STATEMENT_COLUMNS].end;

	while (low < high)
	{
		int middle = (low + high) / 2;
		int row = chunk_row(chunk, STATEMENT_COLUMNS, middle);
		int found = row_int2(result, row, COLUMN_NUMBER);

		if (found == number)
			return row;
		if (number < found)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

static void
want_types(const Chunk *chunk, const Relation *relation, Types *types)
{
	const PGresult *result = chunk->rows[STATEMENT_COLUMNS].result;
	Range range = relation->rows[STATEMENT_COLUMNS];

	for (int i = range.first; i < range.end; i++)
	{
		int row = chunk_row(chunk, STATEMENT_COLUMNS, i);
		ObjectId collation = column_collation(result, row);

		types_want(types, row_oid(result, row, COLUMN_TYPE), column_modifier(result, row));
		if (collation != 0)
			types_want_collation(types, collation);
	}
}

static bool
has_column_expression(const Chunk *chunk, const Relation *relation)
{
	Range range = relation->rows[STATEMENT_DEFAULTS];

	for (int i = range.first; i < range.end; i++)
		if (row_is_null(chunk->rows[STATEMENT_DEFAULTS].result, chunk_row(chunk, STATEMENT_DEFAULTS, i),
						DEFAULT_TEXT))
			return true;
	return false;
}

static bool
has_constraint_text(const Chunk *chunk, const Relation *relation)
{
	const PGresult *result = chunk->rows[STATEMENT_CONSTRAINTS].result;
	Range range = relation->rows[STATEMENT_CONSTRAINTS];

	for (int i = range.first; i < range.end; i++)
		if (constraint_needs_text(
				row_char(result, chunk_row(chunk, STATEMENT_CONSTRAINTS, i), CONSTRAINT_TYPE)))
			return true;
	return false;
}

static bool
has_special_index(const Chunk *chunk, const Relation *relation, const Vocabulary *vocabulary)
{
	Range range = relation->rows[STATEMENT_INDEXES];

	for (int i = range.first; i < range.end; i++)
		if (!index_is_ordinary(chunk, relation, chunk_row(chunk, STATEMENT_INDEXES, i), vocabulary))
			return true;
	return false;
}

static bool
needs_texts(const Chunk *chunk, const Relation *relation)
{
	int row = chunk_row(chunk, STATEMENT_RELATIONS, relation->rows[STATEMENT_RELATIONS].first);
	char kind = row_char(chunk->rows[STATEMENT_RELATIONS].result, row, RELATION_KIND);

	return kind == 'v' || kind == 'm' || kind == 'p' || relation->has_special_index ||
		   has_column_expression(chunk, relation) || has_constraint_text(chunk, relation);
}

/* Finds each relation's rows in every list, and what it needs. */
static void
survey(Chunk *chunk, Discovery *discovery)
{
	const RowList *relations = &chunk->rows[STATEMENT_RELATIONS];

	types_begin_chunk(&discovery->types);
	chunk->count = relations->count;
	chunk->relations = allocate((size_t) chunk->count * sizeof(Relation));
	for (int i = 0; i < chunk->count; i++)
	{
		Relation *relation = &chunk->relations[i];

		*relation = (Relation){.id = row_oid(relations->result, rowlist_row(relations, i), RELATION_ID)};
		for (int list = 0; list < CATALOG_COUNT; list++)
			relation->rows[list].first =
				rowlist_seek(&chunk->rows[list], relation->id, &relation->rows[list].end);
		want_types(chunk, relation, &discovery->types);
		relation->has_special_index = has_special_index(chunk, relation, &discovery->vocabulary);
		relation->needs_texts = needs_texts(chunk, relation);
	}
}

PGresult *
chunk_receive_catalogs(Chunk *chunk, Discovery *discovery)
{
	PGresult *list;

	if (chunk->catalogs_received)
		return NULL;
	for (int i = 0; i < CATALOG_COUNT; i++)
		if (!row_is_null(chunk->list, 0, catalogs[i].group))
			rowlist_take(&chunk->rows[i], session_receive(&discovery->session, NULL), catalogs[i].order);
	list = session_receive(&discovery->session, NULL);
	session_receive_end(&discovery->session);
	survey(chunk, discovery);
	chunk->catalogs_received = true;
	return list;
}

/* The relations and indexes whose texts are asked for, as array literals under construction. */
typedef struct TextRequest
{
	WireBuffer relations;
	WireBuffer indexes;
} TextRequest;

static void
add_id(WireBuffer *ids, ObjectId id)
{
	wire_append_text(ids, ids->length == 0 ? "{" : ",");
	wire_append_integer(ids, id);
}

static void
add_texts(TextRequest *request, const Chunk *chunk, const Relation *relation)
{
	Range range = relation->rows[STATEMENT_INDEXES];

	add_id(&request->relations, relation->id);
	if (!relation->has_special_index)
		return;
	for (int i = range.first; i < range.end; i++)
		add_id(&request->indexes, row_oid(chunk->rows[STATEMENT_INDEXES].result,
										  chunk_row(chunk, STATEMENT_INDEXES, i), INDEX_ID));
}

static Parameter
array_of(WireBuffer *ids)
{
	if (ids->length == 0)
		wire_append_text(ids, "{");
	wire_append(ids, "}", sizeof("}"));
	if (ids->failed)
		give_up_out_of_memory();
	return (Parameter){.value = ids->data};
}

/* Releases the request. */
static void
ask_texts(Session *session, TextRequest *request)
{
	Parameter parameters[] = {array_of(&request->relations), array_of(&request->indexes)};

	session_ask(session, "SAVEPOINT texts", NULL);
	statement_execute(session, STATEMENT_TEXTS, parameters, 2);
	session_end_batch(session);
	/* A batch of its own, since the rest of a batch is passed over after a failure. */
	session_ask(session, "ROLLBACK TO SAVEPOINT texts", NULL);
	session_end_batch(session);
	wire_free(&request->relations);
	wire_free(&request->indexes);
}

/* The texts, or NULL with the failure; either is the caller's. */
static PGresult *
receive_texts(Session *session, PGresult **failure)
{
	PGresult *texts;

	*failure = NULL;
	PQclear(session_receive(session, NULL));
	texts = session_receive(session, failure);
	session_receive_end(session);
	PQclear(session_receive(session, NULL));
	session_receive_end(session);
	return texts;
}

void
chunk_ask_details(Chunk *chunk, Discovery *discovery)
{
	TextRequest request = {0};

	chunk->types_asked = types_ask(&discovery->types, &discovery->session);
	session_end_batch(&discovery->session);
	for (int i = 0; i < chunk->count; i++)
		if (chunk->relations[i].needs_texts)
			add_texts(&request, chunk, &chunk->relations[i]);
	chunk->texts_asked = request.relations.length > 0;
	if (chunk->texts_asked)
		ask_texts(&discovery->session, &request);
}

void
chunk_receive_details(Chunk *chunk, Discovery *discovery)
{
	PGresult *texts = NULL;

	if (chunk->details_received)
		return;
	types_receive(&discovery->types, &discovery->session, chunk->types_asked);
	session_receive_end(&discovery->session);
	if (chunk->texts_asked)
		texts = receive_texts(&discovery->session, &chunk->texts_failure);
	if (texts)
		texts_add(&chunk->texts, texts);
	texts_sort(&chunk->texts);
	chunk->details_received = true;
}

static char *
reason_of(const PGresult *failure)
{
	const char *sqlstate = PQresultErrorField(failure, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(failure, PG_DIAG_MESSAGE_PRIMARY);

	/* lock_not_available */
	if (sqlstate && strcmp(sqlstate, "55P03") == 0)
		return copy_text("it, or something it depends on, is locked by another session");
	return copy_text(message ? message : "the server could not describe it");
}

static void
retry_texts(Chunk *chunk, Relation *relation, Session *session)
{
	TextRequest request = {0};
	PGresult *failure;
	PGresult *texts;

	add_texts(&request, chunk, relation);
	ask_texts(session, &request);
	texts = receive_texts(session, &failure);
	if (texts)
		texts_add(&chunk->texts, texts);
	else
		relation->skip_reason = reason_of(failure);
	PQclear(failure);
}

void
chunk_retry_texts(Chunk *chunk, Session *session)
{
	for (int i = 0; i < chunk->count; i++)
	{
		if (!chunk->relations[i].needs_texts)
			continue;
		/* Each attempt may wait for a lock, and the reader of the frames must not take that for silence. */
		emit_progress("read", ABSENT);
		retry_texts(chunk, &chunk->relations[i], session);
	}
	texts_sort(&chunk->texts);
}

void
chunk_clear(Chunk *chunk)
{
	for (int i = 0; i < CATALOG_COUNT; i++)
		rowlist_clear(&chunk->rows[i]);
	for (int i = 0; i < chunk->count; i++)
		free(chunk->relations[i].skip_reason);
	free(chunk->relations);
	texts_clear(&chunk->texts);
	PQclear(chunk->texts_failure);
	PQclear(chunk->list);
	*chunk = (Chunk){0};
}
