/*
 * catalog.h — what the cluster has: indices, data streams and aliases, without what is in them.
 */
#ifndef RG_ELASTICSEARCH_CATALOG_H
#define RG_ELASTICSEARCH_CATALOG_H

#include "connectors/elasticsearch/cluster.h"

typedef enum EntryKind
{
	ENTRY_INDEX,
	ENTRY_STREAM,
	ENTRY_ALIAS
} EntryKind;

typedef struct Entry
{
	EntryKind kind;
	char *name;
	bool is_closed;  /* an index */
	bool is_hidden;  /* the same */
	bool is_backing; /* the same, of a data stream */
	char **members;  /* of a stream: its indices, oldest first; of an alias: indices and streams, by name */
	int member_count;
	char *timestamp; /* of a stream: the field that has its time */
} Entry;

/* By kind, then by name. */
typedef struct Catalog
{
	Entry *entries;
	int count;
} Catalog;

/*
 * All that the user may see, without aliases and streams that begin with a dot unless the source includes
 * them. name: only what has this name, of an older service more; NULL: everything.
 */
extern void catalog_read(Catalog *catalog, Cluster *cluster, const char *name);

/* NULL: there is none. */
extern const Entry *catalog_find(const Catalog *catalog, const char *name);

/* Is any index hidden that is not of a data stream? */
extern bool catalog_has_hidden(const Catalog *catalog);

extern void catalog_free(Catalog *catalog);

#endif
