#include "connectors/mongodb/statistics.h"

static int64_t
number_at(const bson_iter_t *from, const char *path)
{
	bson_iter_t members = *from;
	bson_iter_t found;
	int64_t number = ABSENT;

	if (bson_iter_find_descendant(&members, path, &found) && BSON_ITER_HOLDS_NUMBER(&found))
		number = bson_iter_as_int64(&found);
	return number < 0 ? ABSENT : number;
}

/* Of what one shard says. */
static void
add(int64_t *sum, int64_t number)
{
	if (number != ABSENT && (*sum == ABSENT || number <= INT64_MAX - *sum))
		*sum = *sum == ABSENT ? number : *sum + number;
}

/* A time series counts its buckets. */
static void
add_shards(const bson_t *reply, CollectionKind kind, RelationFrame *frame)
{
	bson_iter_t members;
	bson_iter_t batch;
	bson_iter_t shards;

	if (!bson_iter_init(&members, reply) ||
		!bson_iter_find_descendant(&members, "cursor.firstBatch", &batch) || !BSON_ITER_HOLDS_ARRAY(&batch) ||
		!bson_iter_recurse(&batch, &shards))
		return;
	while (bson_iter_next(&shards))
	{
		bson_iter_t shard;

		if (!BSON_ITER_HOLDS_DOCUMENT(&shards) || !bson_iter_recurse(&shards, &shard))
			continue;
		if (kind == PLAIN_COLLECTION)
			add(&frame->row_estimate, number_at(&shard, "storageStats.count"));
		add(&frame->size_bytes, number_at(&shard, "storageStats.storageSize"));
	}
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
		add_shards(&reply, collection->kind, frame);
	bson_destroy(&reply);
	bson_destroy(command);
	return fine;
}

static void
count(Session *session, const Collection *collection, RelationFrame *frame)
{
	bson_t *command = BCON_NEW("count", BCON_UTF8(collection->name));
	bson_iter_t members;
	bson_error_t error;
	bson_t reply;

	if (session_command(session, session->database, command, &reply, &error) &&
		bson_iter_init(&members, &reply))
		frame->row_estimate = number_at(&members, "n");
	bson_destroy(&reply);
	bson_destroy(command);
}

void
statistics_read(Session *session, const Collection *collection, RelationFrame *frame)
{
	if (!read_storage(session, collection, frame) && collection->kind == PLAIN_COLLECTION)
		count(session, collection, frame);
}
