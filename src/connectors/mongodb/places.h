/*
 * places.h — where documents are read between the first and the last ones of a collection.
 */
#ifndef RG_MONGODB_PLACES_H
#define RG_MONGODB_PLACES_H

#include <bson/bson.h>

#define MOST_PLACES 20

/*
 * Both have an _id, or nothing. Sets a filter for each place, which the caller destroys, and returns how many
 * there are: none, unless both are ids of the same kind that can be counted.
 */
extern int places_between(const bson_t *first, const bson_t *last, bson_t *filters);

#endif
