#include "connectors/mongodb/indexes.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/mongodb/extended_json.h"
#include "connectors/mongodb/value.h"

static const char *
name_of(const bson_t *index)
{
	bson_iter_t name;

	return bson_iter_init_find(&name, index, "name") && BSON_ITER_HOLDS_UTF8(&name) &&
				   is_utf8(bson_iter_utf8(&name, NULL))
			   ? bson_iter_utf8(&name, NULL)
			   : NULL;
}

static bool
is_true(const bson_t *index, const char *name)
{
	bson_iter_t value;

	return bson_iter_init_find(&value, index, name) && bson_iter_as_bool(&value);
}

static bool
find_key(const bson_t *index, bson_iter_t *members)
{
	bson_iter_t key;

	return bson_iter_init_find(&key, index, "key") && BSON_ITER_HOLDS_DOCUMENT(&key) &&
		   bson_iter_recurse(&key, members);
}

/* Of a direction: text, 2dsphere, hashed …; NULL: ascending or descending. */
static const char *
special_of(const bson_iter_t *direction)
{
	return BSON_ITER_HOLDS_UTF8(direction) ? bson_iter_utf8(direction, NULL) : NULL;
}

static const char *
method_of(const bson_t *index)
{
	bson_iter_t member;

	if (!find_key(index, &member))
		return NULL;
	while (bson_iter_next(&member))
	{
		if (special_of(&member))
			return special_of(&member);
		if (strstr(bson_iter_key(&member), "$**"))
			return "wildcard";
	}
	return NULL;
}

static void
append_columns(WireBuffer *out, const bson_t *index)
{
	bson_iter_t member;
	bool is_open = false;

	if (!find_key(index, &member))
		return;
	while (bson_iter_next(&member))
	{
		WireBuffer text = {.data = NULL};
		const char *special = special_of(&member);

		wire_append_text(&text, bson_iter_key(&member));
		if (special)
		{
			wire_append(&text, " ", 1);
			wire_append_text(&text, special);
		}
		else if (bson_iter_as_double(&member) < 0)
			document_literal(&text, " DESC");
		document_element(out, "columns", is_open);
		wire_append_string(out, text.data ? text.data : "", text.length);
		wire_free(&text);
	}
	document_end_elements(out, is_open);
}

static void
append_number(WireBuffer *out, const bson_t *index)
{
	bson_iter_t value;

	if (!bson_iter_init_find(&value, index, "expireAfterSeconds") || !BSON_ITER_HOLDS_NUMBER(&value))
		return;
	document_member(out, "expire_after_seconds");
	wire_append_integer(out, bson_iter_as_int64(&value));
}

static void
append_index(WireBuffer *out, const bson_t *index, const char *name)
{
	bson_iter_t value;

	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "method", method_of(index));
	document_flag(out, "unique", is_true(index, "unique"));
	document_flag(out, "primary", strcmp(name, "_id_") == 0);
	append_columns(out, index);
	if (bson_iter_init_find(&value, index, "partialFilterExpression") && BSON_ITER_HOLDS_DOCUMENT(&value))
	{
		document_member(out, "predicate");
		extended_json_append(out, &value);
	}
	document_flag(out, "sparse", is_true(index, "sparse"));
	document_flag(out, "hidden", is_true(index, "hidden"));
	append_number(out, index);
	if (bson_iter_init_find(&value, index, "collation") && BSON_ITER_HOLDS_DOCUMENT(&value))
	{
		document_member(out, "collation");
		extended_json_append(out, &value);
	}
	document_literal(out, "}");
}

static int
by_name(const void *one, const void *other)
{
	return strcmp(name_of(*(bson_t *const *) one), name_of(*(bson_t *const *) other));
}

typedef struct Indexes
{
	bson_t **items;
	int count;
} Indexes;

/* A server has 64 of a collection at most. */
#define MOST_INDEXES 1000

static bool
list(Session *session, const char *name, Indexes *indexes, bson_error_t *error)
{
	mongoc_collection_t *collection = mongoc_client_get_collection(session->client, session->database, name);
	mongoc_cursor_t *cursor;
	const bson_t *index;

	session_wait(session);
	cursor = mongoc_collection_find_indexes_with_opts(collection, NULL);
	while (indexes->count < MOST_INDEXES && (index = session_next(session, cursor, error)) != NULL)
	{
		if (name_of(index) == NULL)
			continue;
		indexes->items = reallocate(indexes->items, (size_t) (indexes->count + 1) * sizeof(bson_t *));
		indexes->items[indexes->count++] = bson_copy(index);
	}
	session_end_cursor(session, cursor);
	mongoc_collection_destroy(collection);
	return error->code == 0 || error->code == SERVER_NAMESPACE_NOT_FOUND;
}

bool
indexes_append(Session *session, const char *collection, WireBuffer *out, bson_error_t *error)
{
	Indexes indexes = {.items = NULL};
	bool fine = list(session, collection, &indexes, error);
	bool is_open = false;

	if (indexes.count > 0)
		qsort(indexes.items, (size_t) indexes.count, sizeof(bson_t *), by_name);
	for (int i = 0; i < indexes.count; i++)
	{
		document_element(out, "indexes", is_open);
		append_index(out, indexes.items[i], name_of(indexes.items[i]));
		bson_destroy(indexes.items[i]);
	}
	document_end_elements(out, is_open);
	free(indexes.items);
	return fine;
}
