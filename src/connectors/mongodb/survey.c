/*
 * survey.c — 1,000 documents at most: the first and the last ones by _id, and some from places between. The
 * places are at fixed boundaries, so that a growing collection is described by the same documents mostly, and
 * an unchanged one by the same always. Views and time series have no order that is cheap to enter: of them
 * the first and the last documents are read.
 */
#include "connectors/mongodb/survey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/mongodb/feed.h"
#include "connectors/mongodb/places.h"
#include "connectors/mongodb/schema.h"
#include "connectors/mongodb/types.h"

#define DOCUMENTS_OF_END       250
#define DOCUMENTS_OF_END_ALONE 500 /* where there are no places between */
#define DOCUMENTS_OF_PLACE     25
#define DOCUMENTS_OF_BATCH     25 /* so many of 16 MB are in flight at most */
#define BYTES_OF_END           (INT64_C(64) << 20)
#define BYTES_OF_PLACE         (INT64_C(8) << 20)

typedef struct Survey
{
	Session *session;
	mongoc_collection_t *collection;
	const char *order; /* the field by which the first and the last documents are found */
	Feed feed;
	bson_error_t *error;
} Survey;

/* Documents that follow one another. */
typedef struct Stretch
{
	const bson_t *filter;
	int direction;
	int64_t documents; /* so many at most */
	int64_t bytes;
	bool was_cut; /* there may be more */
	bson_t *last; /* gets the _id of the last document, if it is wanted */
} Stretch;

static mongoc_cursor_t *
open_stretch(const Survey *survey, const Stretch *stretch)
{
	bson_t options = BSON_INITIALIZER;
	mongoc_cursor_t *cursor;
	bson_t sort;

	BSON_APPEND_DOCUMENT_BEGIN(&options, "sort", &sort);
	BSON_APPEND_INT32(&sort, survey->order, stretch->direction);
	bson_append_document_end(&options, &sort);
	BSON_APPEND_INT64(&options, "limit", stretch->documents);
	BSON_APPEND_INT64(&options, "batchSize", DOCUMENTS_OF_BATCH);
	BSON_APPEND_INT64(&options, "maxTimeMS", (int64_t) survey->session->query_timeout * 1000);
	cursor = mongoc_collection_find_with_opts(survey->collection, stretch->filter, &options, NULL);
	bson_destroy(&options);
	return cursor;
}

static void
keep_id(bson_t *kept, const bson_t *document)
{
	bson_iter_t id;

	bson_reinit(kept);
	if (bson_iter_init_find(&id, document, "_id"))
		bson_append_iter(kept, "_id", -1, &id);
}

/* Returns false if the server refused. */
static bool
read_stretch(Survey *survey, Stretch *stretch)
{
	mongoc_cursor_t *cursor = open_stretch(survey, stretch);
	int64_t count = 0;
	int64_t bytes = 0;
	const bson_t *document;

	while (bytes < stretch->bytes &&
		   (document = session_next(survey->session, cursor, survey->error)) != NULL)
	{
		if (!feed_document(&survey->feed, document))
			give_up_malformed();
		count++;
		bytes += document->len;
		if (stretch->last)
			keep_id(stretch->last, document);
	}
	stretch->was_cut = bytes >= stretch->bytes || count == stretch->documents;
	session_end_cursor(survey->session, cursor);
	return survey->error->code == 0;
}

static bool
read_places(Survey *survey, const bson_t *first, const bson_t *last)
{
	bson_t filters[MOST_PLACES];
	int count = places_between(first, last, filters);
	bool fine = true;

	for (int i = 0; i < count; i++)
	{
		Stretch stretch = {
			.filter = &filters[i], .direction = 1, .documents = DOCUMENTS_OF_PLACE, .bytes = BYTES_OF_PLACE};

		fine = fine && read_stretch(survey, &stretch);
		bson_destroy(&filters[i]);
	}
	return fine;
}

static bool
read_documents(Survey *survey, bool has_places)
{
	bson_t everything = BSON_INITIALIZER;
	bson_t first = BSON_INITIALIZER;
	bson_t last = BSON_INITIALIZER;
	int64_t documents = has_places ? DOCUMENTS_OF_END : DOCUMENTS_OF_END_ALONE;
	Stretch beginning = {
		.filter = &everything, .direction = 1, .documents = documents, .bytes = BYTES_OF_END, .last = &first};
	Stretch end = {
		.filter = &everything, .direction = -1, .documents = documents, .bytes = BYTES_OF_END, .last = &last};
	bool fine = read_stretch(survey, &beginning);

	if (fine && beginning.was_cut)
		fine = read_stretch(survey, &end) && (!has_places || read_places(survey, &first, &last));
	bson_destroy(&everything);
	bson_destroy(&first);
	bson_destroy(&last);
	return fine;
}

static void
tell(const Collection *collection, const Feed *feed)
{
	char message[512];

	if (paths_left_out(feed->paths) > 0)
	{
		snprintf(message, sizeof(message),
				 "%.200s: paths are left out at %" PRId64 " values: more than %d, or more than %d levels",
				 collection->name, paths_left_out(feed->paths), MOST_PATHS, MOST_PATH_DEPTH);
		emit_log("warning", message);
	}
	if (feed->unreadable_names > 0)
	{
		snprintf(message, sizeof(message),
				 "%.200s: %" PRId64 " members are left out, because their names are not UTF-8",
				 collection->name, feed->unreadable_names);
		emit_log("warning", message);
	}
	if (paths_repeated(feed->paths) > 0)
	{
		snprintf(message, sizeof(message),
				 "%.200s: %" PRId64 " members stand in their document more than once: the first one is taken",
				 collection->name, paths_repeated(feed->paths));
		emit_log("warning", message);
	}
}

Paths *
survey(Session *session, const Collection *collection, bson_error_t *error)
{
	const char *time_field = collection_time_field(collection);
	Survey survey = {.session = session,
					 .collection =
						 mongoc_client_get_collection(session->client, session->database, collection->name),
					 .order = time_field ? time_field : "_id",
					 .feed = {.paths = paths_create(&mongo_types)},
					 .error = error};
	bool fine;

	*error = (bson_error_t){0};
	schema_declare(survey.feed.paths, collection->options);
	fine = read_documents(&survey, collection->kind == PLAIN_COLLECTION);
	mongoc_collection_destroy(survey.collection);
	if (!fine)
	{
		paths_free(survey.feed.paths);
		return NULL;
	}
	tell(collection, &survey.feed);
	return survey.feed.paths;
}
