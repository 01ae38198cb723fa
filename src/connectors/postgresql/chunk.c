/*
 * chunk.c — asks for a chunk, and finds out what it needs beyond the catalogs.
 *
 * Every batch runs in a savepoint that is rolled back at once. This releases the locks on relations that some
 * texts need, and lets the transaction go on after a failure; recover.c then asks again.
 */
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/chunk.h"
#include "connectors/postgresql/constraints.h"
#include "connectors/postgresql/indexes.h"
#include "connectors/postgresql/recover.h"

/* For each list: the group of relations whose rows it has, and the order of one relation's rows. */
static const struct
{
	int group;
	RowOrder order;
} catalogs[CATALOG_COUNT] = {
	[STATEMENT_RELATIONS] = {LIST_ALL, BY_OID},      [STATEMENT_COLUMNS] = {LIST_TABLES, BY_NUMBER},
	[STATEMENT_DEFAULTS] = {LIST_TABLES, BY_NUMBER}, [STATEMENT_CONSTRAINTS] = {LIST_TABLES, BY_NAME},
	[STATEMENT_INDEXES] = {LIST_TABLES, BY_NAME},    [STATEMENT_COMMENTS] = {LIST_ALL, BY_NUMBER},
	[STATEMENT_PARENTS] = {LIST_TABLES, BY_NUMBER},  [STATEMENT_SEQUENCES] = {LIST_SEQUENCES, BY_OID},
	[STATEMENT_FOREIGN] = {LIST_FOREIGN, BY_OID},    [STATEMENT_OWNERS] = {LIST_ALL, BY_OID},
	[STATEMENT_BOUNDS] = {LIST_TABLES, BY_OID},
};

void
chunk_ask_catalogs(Chunk *chunk, Discovery *discovery, PGresult *list)
{
	Session *session = &discovery->session;

	*chunk = (Chunk){.list = list};
	session_begin_apart(session);
	for (int i = 0; i < CATALOG_COUNT; i++)
	{
		Parameter relations = {.value = PQgetvalue(list, 0, catalogs[i].group),
							   .length = PQgetlength(list, 0, catalogs[i].group),
							   .binary = true};

		chunk->asked[i] = !discovery->denied[i] && !row_is_null(list, 0, catalogs[i].group);
		if (chunk->asked[i])
			statement_execute(session, (Statement) i, &relations, 1);
	}
	session_end_apart(session);
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

static void
find_needs(const Chunk *chunk, Relation *relation, const Vocabulary *vocabulary)
{
	int row = chunk_row(chunk, STATEMENT_RELATIONS, relation->rows[STATEMENT_RELATIONS].first);
	char kind = row_char(chunk->rows[STATEMENT_RELATIONS].result, row, RELATION_KIND);

	relation->needs[STATEMENT_EXPRESSIONS] = has_column_expression(chunk, relation);
	relation->needs[STATEMENT_CONSTRAINT_TEXTS] = has_constraint_text(chunk, relation);
	relation->needs[STATEMENT_INDEX_TEXTS] = has_special_index(chunk, relation, vocabulary);
	relation->needs[STATEMENT_QUERIES] = kind == 'v' || kind == 'm';
	relation->needs[STATEMENT_PARTITION_KEYS] = kind == 'p';
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
		find_needs(chunk, relation, &discovery->vocabulary);
	}
}

PGresult *
chunk_receive_catalogs(Chunk *chunk, Discovery *discovery)
{
	Session *session = &discovery->session;
	PGresult *failure = NULL;
	PGresult *list;

	if (chunk->catalogs_received)
		return NULL;
	session_receive_begin_apart(session);
	for (int i = 0; i < CATALOG_COUNT; i++)
	{
		PGresult *rows = chunk->asked[i] ? session_receive(session, &failure) : NULL;

		chunk->answered[i] = rows != NULL;
		rowlist_take(&chunk->rows[i], rows, catalogs[i].order);
	}
	session_receive_end_apart(session);
	chunk->catalogs_failed = failure != NULL;
	PQclear(failure);
	list = session_receive(session, NULL);
	session_receive_end(session);
	chunk->catalogs_received = true;
	return list;
}

/* Returns the relations about which a catalog's statement was asked. */
static ObjectId *
relations_in_group(const Chunk *chunk, int group, int *count)
{
	Elements elements = row_elements(chunk->list, 0, group);
	ObjectId *relations = NULL;
	Element element;

	*count = 0;
	while (next_element(&elements, &element))
	{
		if (*count % 256 == 0)
			relations = reallocate(relations, (size_t) (*count + 256) * sizeof(ObjectId));
		relations[(*count)++] = (ObjectId) element_integer(element);
	}
	return relations;
}

void
chunk_recover_catalogs(Chunk *chunk, Discovery *discovery)
{
	for (int i = 0; i < CATALOG_COUNT; i++)
	{
		ObjectId *relations;
		int count;

		if (!chunk->asked[i] || chunk->answered[i])
			continue;
		relations = relations_in_group(chunk, catalogs[i].group, &count);
		rowlist_take(&chunk->rows[i], recover_rows(discovery, chunk, (Statement) i, relations, count),
					 catalogs[i].order);
		free(relations);
	}
}

/* Appends the relations that need one kind of text, as an array literal; empty if there are none. */
static void
append_needy(WireBuffer *ids, const Chunk *chunk, Statement texts)
{
	for (int i = 0; i < chunk->count; i++)
	{
		if (!chunk->relations[i].needs[texts])
			continue;
		wire_append_text(ids, ids->length == 0 ? "{" : ",");
		wire_append_integer(ids, chunk->relations[i].id);
	}
	if (ids->length > 0)
		wire_append(ids, "}", sizeof("}"));
	if (ids->failed)
		give_up_out_of_memory();
}

static void
ask_texts(Chunk *chunk, Discovery *discovery)
{
	WireBuffer ids = {0};

	session_begin_apart(&discovery->session);
	for (int i = FIRST_TEXT; i < STATEMENT_COUNT; i++)
	{
		wire_reset(&ids);
		append_needy(&ids, chunk, (Statement) i);
		chunk->asked[i] = ids.length > 0 && !discovery->denied[i];
		if (chunk->asked[i])
			statement_execute(&discovery->session, (Statement) i, &(Parameter){.value = ids.data}, 1);
	}
	session_end_apart(&discovery->session);
	wire_free(&ids);
}

void
chunk_ask_details(Chunk *chunk, Discovery *discovery)
{
	survey(chunk, discovery);
	chunk->types_asked = types_ask(&discovery->types, &discovery->session, discovery->denied);
	ask_texts(chunk, discovery);
}

static void
receive_texts(Chunk *chunk, Session *session)
{
	PGresult *failure = NULL;

	session_receive_begin_apart(session);
	for (int i = FIRST_TEXT; i < STATEMENT_COUNT; i++)
	{
		PGresult *texts = chunk->asked[i] ? session_receive(session, &failure) : NULL;

		chunk->answered[i] = texts != NULL;
		if (texts)
			texts_add(&chunk->texts, texts);
	}
	session_receive_end_apart(session);
	chunk->texts_failed = failure != NULL;
	PQclear(failure);
}

void
chunk_receive_details(Chunk *chunk, Discovery *discovery)
{
	if (chunk->details_received)
		return;
	chunk->types_failed = !types_receive(&discovery->types, &discovery->session, chunk->types_asked);
	receive_texts(chunk, &discovery->session);
	texts_sort(&chunk->texts);
	chunk->details_received = true;
}

static void
recover_texts(Chunk *chunk, Discovery *discovery, Statement texts)
{
	ObjectId *relations = allocate((size_t) chunk->count * sizeof(ObjectId));
	PGresult *rows;
	int count = 0;

	for (int i = 0; i < chunk->count; i++)
		if (chunk->relations[i].needs[texts])
			relations[count++] = chunk->relations[i].id;
	rows = recover_rows(discovery, chunk, texts, relations, count);
	if (rows)
		texts_add(&chunk->texts, rows);
	free(relations);
}

void
chunk_recover_details(Chunk *chunk, Discovery *discovery)
{
	if (chunk->types_failed)
		types_recover(&discovery->types, discovery);
	for (int i = FIRST_TEXT; i < STATEMENT_COUNT; i++)
		if (chunk->asked[i] && !chunk->answered[i])
			recover_texts(chunk, discovery, (Statement) i);
	texts_sort(&chunk->texts);
}

void
chunk_add_failure(Chunk *chunk, ObjectId relation, char *reason)
{
	if (chunk->failure_count % 64 == 0)
		chunk->failures =
			reallocate(chunk->failures, (size_t) (chunk->failure_count + 64) * sizeof(RelationFailure));
	chunk->failures[chunk->failure_count++] = (RelationFailure){relation, reason};
}

const char *
chunk_failure(const Chunk *chunk, ObjectId relation)
{
	for (int i = 0; i < chunk->failure_count; i++)
		if (chunk->failures[i].relation == relation)
			return chunk->failures[i].reason;
	return NULL;
}

void
chunk_clear(Chunk *chunk)
{
	for (int i = 0; i < CATALOG_COUNT; i++)
		rowlist_clear(&chunk->rows[i]);
	for (int i = 0; i < chunk->failure_count; i++)
		free(chunk->failures[i].reason);
	free(chunk->failures);
	free(chunk->relations);
	texts_clear(&chunk->texts);
	PQclear(chunk->list);
	*chunk = (Chunk){0};
}
