#include "connectors/mongodb/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/mongodb/describe.h"
#include "connectors/mongodb/survey.h"

/* A server says of a database that is not there that it has no collections. */
static void
check_database(Session *session)
{
	bson_t options = BSON_INITIALIZER;
	bson_error_t error;
	bson_t filter;
	char **names;
	bool is_missing;

	BSON_APPEND_DOCUMENT_BEGIN(&options, "filter", &filter);
	BSON_APPEND_UTF8(&filter, "name", session->database);
	bson_append_document_end(&options, &filter);
	session_wait(session);
	names = mongoc_client_get_database_names_with_opts(session->client, &options, &error);
	is_missing = names != NULL && names[0] == NULL;
	bson_strfreev(names);
	bson_destroy(&options);
	if (is_missing)
		give_up(&(Failure){.step = "query",
						   .code = "database_not_found",
						   .message = "The server has no database of this name, or it has no collections.",
						   .hint = "Check database_name: upper and lower case differ."});
}

static const char *
reason_of(const bson_error_t *error)
{
	static char reason[96];

	if (error->code == SERVER_UNAUTHORIZED)
		return "permission denied";
	snprintf(reason, sizeof(reason), "the server refused to read it (%u)", error->code);
	return reason;
}

static const char *
kind_word(CollectionKind kind)
{
	return kind == VIEW ? "view" : "collection";
}

static void
discover_collection(Session *session, const Request *request, const Collection *collection)
{
	RelationFrame frame = {.schema = session->database,
						   .name = collection->name,
						   .kind = kind_word(collection->kind),
						   .id = collection->id[0] ? collection->id : NULL,
						   .row_estimate = ABSENT,
						   .size_bytes = ABSENT};
	bson_error_t error;
	Paths *paths;

	if (!is_utf8(collection->name))
	{
		emit_skipped(&frame, "its name is not UTF-8");
		return;
	}
	emit_progress("read", ABSENT);
	paths = survey(session, collection, &error);
	if (paths == NULL)
		emit_skipped(&frame, reason_of(&error));
	else
		describe(session, request, collection, paths, &frame);
}

void
discover(Session *session, const Request *request)
{
	Collections collections;

	if (request->schema && strcmp(request->schema, session->database) != 0)
		give_up(&(Failure){.step = "query",
						   .code = "schema_not_found",
						   .message = "The data source has no schema of this name.",
						   .hint = "Its only schema is the database that it names."});
	collections_list(session, NULL, &collections);
	if (collections.count == 0)
		check_database(session);
	if (collections.without_options)
		emit_log("warning",
				 "the user may not list the collections' options: views, validators and ids are not known");
	emit_schema(session->database, NULL, NULL);
	emit_progress("read", collections.count);
	for (int i = 0; i < collections.count; i++)
		if (wire_selects(&request->selection, session->database, collections.items[i].name))
			discover_collection(session, request, &collections.items[i]);
	collections_free(&collections);
}
