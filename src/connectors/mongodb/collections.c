#include "connectors/mongodb/collections.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/mongodb/value.h"

/* Their options are kept. */
#define MOST_COLLECTIONS   100000
#define MOST_OPTIONS_BYTES (UINT64_C(64) << 20)

static CollectionKind
kind_of(const bson_t *listed)
{
	bson_iter_t type;
	const char *word = "";

	if (bson_iter_init_find(&type, listed, "type") && BSON_ITER_HOLDS_UTF8(&type))
		word = bson_iter_utf8(&type, NULL);
	return strcmp(word, "view") == 0         ? VIEW
		   : strcmp(word, "timeseries") == 0 ? TIME_SERIES
											 : PLAIN_COLLECTION;
}

static void
take_id(Collection *collection, const bson_t *listed)
{
	WireBuffer text = {.data = NULL};
	bool is_broken = false;
	bson_iter_t info;
	bson_iter_t id;

	if (!bson_iter_init(&info, listed) || !bson_iter_find_descendant(&info, "info.uuid", &id) ||
		!BSON_ITER_HOLDS_BINARY(&id))
		return;
	if (value_write(&text, &id, PATH_FORM_SCALAR, &is_broken) && text.length < sizeof(collection->id))
		memcpy(collection->id, text.data, text.length);
	wire_free(&text);
}

static bson_t *
options_of(const bson_t *listed)
{
	bson_iter_t options;
	const uint8_t *bytes;
	uint32_t length;
	bson_t *copy = NULL;

	if (bson_iter_init_find(&options, listed, "options") && BSON_ITER_HOLDS_DOCUMENT(&options))
	{
		bson_iter_document(&options, &length, &bytes);
		copy = bson_new_from_data(bytes, length);
	}
	return copy ? copy : bson_new();
}

/* `system.` inside of a name means nothing. */
static bool
is_of_server(const char *name)
{
	return strncmp(name, "system.", strlen("system.")) == 0;
}

static void
add(Collections *collections, const bson_t *listed)
{
	Collection *collection;
	bson_iter_t name;

	if (!bson_iter_init_find(&name, listed, "name") || !BSON_ITER_HOLDS_UTF8(&name))
		give_up_malformed();
	if (is_of_server(bson_iter_utf8(&name, NULL)))
		return;
	/* The capacity is the next power of two. */
	if ((collections->count & (collections->count - 1)) == 0)
		collections->items =
			reallocate(collections->items,
					   (size_t) (collections->count ? 2 * collections->count : 1) * sizeof(Collection));
	collection = &collections->items[collections->count++];
	*collection = (Collection){.name = copy_text(bson_iter_utf8(&name, NULL)),
							   .kind = kind_of(listed),
							   .options = options_of(listed)};
	take_id(collection, listed);
}

static void
check_size(const Collections *collections, uint64_t bytes)
{
	if (collections->count > MOST_COLLECTIONS || bytes > MOST_OPTIONS_BYTES)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The database has more collections than can be described."});
}

static void
append_filter(bson_t *options, const char *name)
{
	bson_t filter;

	BSON_APPEND_DOCUMENT_BEGIN(options, "filter", &filter);
	BSON_APPEND_UTF8(&filter, "name", name);
	bson_append_document_end(options, &filter);
}

/* Returns false with the server's error. */
static bool
list(Session *session, const char *name, Collections *collections, bson_error_t *error)
{
	mongoc_database_t *database = mongoc_client_get_database(session->client, session->database);
	bson_t options = BSON_INITIALIZER;
	const bson_t *listed;
	mongoc_cursor_t *cursor;
	uint64_t bytes = 0;

	if (name)
		append_filter(&options, name);
	BSON_APPEND_BOOL(&options, "authorizedCollections", true);
	BSON_APPEND_BOOL(&options, "nameOnly", collections->without_options);
	session_wait(session);
	cursor = mongoc_database_find_collections_with_opts(database, &options);
	while ((listed = session_next(session, cursor, error)) != NULL)
	{
		add(collections, listed);
		bytes += listed->len;
		check_size(collections, bytes);
	}
	session_end_cursor(session, cursor);
	mongoc_database_destroy(database);
	bson_destroy(&options);
	return error->code == 0;
}

static int
by_name(const void *one, const void *other)
{
	return strcmp(((const Collection *) one)->name, ((const Collection *) other)->name);
}

void
collections_list(Session *session, const char *name, Collections *collections)
{
	bson_error_t error;

	*collections = (Collections){.items = NULL};
	if (!list(session, name, collections, &error))
	{
		if (error.code != SERVER_UNAUTHORIZED)
			give_up_query(&error);
		collections_free(collections);
		collections->without_options = true;
		if (!list(session, name, collections, &error))
			give_up_query(&error);
	}
	qsort(collections->items, (size_t) collections->count, sizeof(Collection), by_name);
}

void
collections_free(Collections *collections)
{
	for (int i = 0; i < collections->count; i++)
	{
		free(collections->items[i].name);
		bson_destroy(collections->items[i].options);
	}
	free(collections->items);
	*collections = (Collections){.items = NULL};
}

const char *
collection_time_field(const Collection *collection)
{
	bson_iter_t options;
	bson_iter_t field;

	if (collection->kind == TIME_SERIES && bson_iter_init(&options, collection->options) &&
		bson_iter_find_descendant(&options, "timeseries.timeField", &field) && BSON_ITER_HOLDS_UTF8(&field))
		return bson_iter_utf8(&field, NULL);
	return NULL;
}
