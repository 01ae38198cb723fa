/*
 * collections.h — the collections and views of a database.
 */
#ifndef RG_MONGODB_COLLECTIONS_H
#define RG_MONGODB_COLLECTIONS_H

#include "connectors/mongodb/session.h"

typedef enum CollectionKind
{
	PLAIN_COLLECTION,
	TIME_SERIES,
	VIEW
} CollectionKind;

typedef struct Collection
{
	char *name;
	CollectionKind kind;
	char id[40];     /* its UUID, which a rename keeps; "": not known */
	bson_t *options; /* with which it was made; empty if they may not be seen */
} Collection;

typedef struct Collections
{
	Collection *items;
	int count;
	bool without_options; /* the user may not see them */
} Collections;

/* Lists them by name, without those of the server itself. name: only this one; NULL: all. */
extern void collections_list(Session *session, const char *name, Collections *collections);
extern void collections_free(Collections *collections);

/* The field of a time series that orders it; NULL: it is none. It stays as long as the collection. */
extern const char *collection_time_field(const Collection *collection);

#endif
