#include "connectors/mongodb/feed.h"

#include "connectors/common/document.h"
#include "connectors/mongodb/types.h"

/* What lies deeper has no path anyway. */
#define MOST_NESTING 100

static bool feed_value(Feed *feed, const bson_iter_t *value, int depth);

static bool
feed_members(Feed *feed, bson_iter_t *members, int depth)
{
	bool is_whole = true;

	while (is_whole && bson_iter_next(members))
	{
		const char *name = bson_iter_key(members);

		if (!is_utf8(name))
		{
			feed->unreadable_names++;
			continue;
		}
		paths_key(feed->paths, name, strlen(name));
		is_whole = feed_value(feed, members, depth);
	}
	return is_whole && members->err_off == 0;
}

static bool
feed_elements(Feed *feed, const bson_iter_t *array, int depth)
{
	bool is_whole = true;
	int64_t count = 0;
	bson_iter_t elements;

	if (!bson_iter_recurse(array, &elements))
		return false;
	while (bson_iter_next(&elements))
		count++;
	if (elements.err_off != 0 || !bson_iter_recurse(array, &elements))
		return false;
	for (int64_t i = 0; is_whole && bson_iter_next(&elements); i++)
		if (i < MOST_ELEMENTS / 2 || i >= count - MOST_ELEMENTS / 2)
			is_whole = feed_value(feed, &elements, depth);
	return is_whole;
}

static bool
feed_object(Feed *feed, const bson_iter_t *object, int depth)
{
	bson_iter_t members;

	return bson_iter_recurse(object, &members) && feed_members(feed, &members, depth);
}

static bool
feed_value(Feed *feed, const bson_iter_t *value, int depth)
{
	bool is_array = BSON_ITER_HOLDS_ARRAY(value);
	bool is_whole = true;

	if (BSON_ITER_HOLDS_NULL(value))
		paths_null(feed->paths);
	else if (is_array || BSON_ITER_HOLDS_DOCUMENT(value))
	{
		is_array ? paths_array_begin(feed->paths) : paths_object_begin(feed->paths);
		if (depth < MOST_NESTING)
			is_whole = is_array ? feed_elements(feed, value, depth + 1) : feed_object(feed, value, depth + 1);
		is_array ? paths_array_end(feed->paths) : paths_object_end(feed->paths);
	}
	else
		paths_value(feed->paths, (int) mongo_type_of(value), 0);
	return is_whole;
}

bool
feed_document(Feed *feed, const bson_t *document)
{
	bson_iter_t members;
	bool is_whole;

	if (!bson_iter_init(&members, document))
		return false;
	paths_object_begin(feed->paths);
	is_whole = feed_members(feed, &members, 0);
	paths_object_end(feed->paths);
	return is_whole;
}
