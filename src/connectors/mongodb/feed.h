/*
 * feed.h — documents as events of values, from which their paths are told.
 */
#ifndef RG_MONGODB_FEED_H
#define RG_MONGODB_FEED_H

#include <bson/bson.h>

#include "connectors/inference/paths.h"

/* Of a longer array the first and the last elements are looked at. */
#define MOST_ELEMENTS 100

typedef struct Feed
{
	Paths *paths;
	int64_t unreadable_names; /* members that were left out, because their names are no UTF-8 */
} Feed;

/* Returns false if the bytes are no document. */
extern bool feed_document(Feed *feed, const bson_t *document);

#endif
