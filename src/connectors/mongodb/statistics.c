#include "connectors/mongodb/statistics.h"

static int64_t
number_at(const bson_t *reply, const char *path)
{
	bson_iter_t members;
	bson_iter_t found;
	int64_t number = ABSENT;

	if (bson_iter_init(&members, reply) && bson_iter_find_descendant(&members, path, &found) &&
		BSON_ITER_HOLDS_NUMBER(&found))
		number = bson_iter_as_int64(&found);
	return number < 0 ? ABSENT : number;
}

/* Returns false if the server does not say them. */
static bool
read_storage(Session *session, const Collection *collection, RelationFrame *frame)
{
	bson_t *command = BCON_NEW("aggregate", BCON_UTF8(collection->name), "pipeline", "[", "{", "$collStats",
							   "{", "storageStats", "{", "}", "}", "}", "]", "cursor", "{", "}");
	bson_error_t error;
	bson_t reply;
	bool fine = session_command(session, session->database, command, &reply, &error);

	if (fine)
	{
		if (collection->kind == PLAIN_COLLECTION) /* a time series counts its buckets */
			frame->row_estimate = number_at(&reply, "cursor.firstBatch.0.storageStats.count");
		frame->size_bytes = number_at(&reply, "cursor.firstBatch.0.storageStats.storageSize");
	}
	bson_destroy(&reply);
	bson_destroy(command);
	return fine;
}

static void
count(Session *session, const Collection *collection, RelationFrame *frame)
{
	bson_t *command = BCON_NEW("count", BCON_UTF8(collection->name));
	bson_error_t error;
	bson_t reply;

	if (session_command(session, session->database, command, &reply, &error))
		frame->row_estimate = number_at(&reply, "n");
	bson_destroy(&reply);
	bson_destroy(command);
}

void
statistics_read(Session *session, const Collection *collection, RelationFrame *frame)
{
	if (!read_storage(session, collection, frame) && collection->kind == PLAIN_COLLECTION)
		count(session, collection, frame);
}
