/*
 * aliases.h — what aliases leave of the indices that they name.
 */
#ifndef RG_ELASTICSEARCH_ALIASES_H
#define RG_ELASTICSEARCH_ALIASES_H

#include "connectors/elasticsearch/catalog.h"
#include "wire/wire.h"

typedef struct Aliases
{
	JsonTree *tree; /* NULL: the user may not read them */
} Aliases;

extern void aliases_read(Aliases *aliases, Cluster *cluster);

/* Appends the definition of an alias: JSON text that says which indices it has, and with which filters. */
extern void aliases_append_definition(WireBuffer *out, const Aliases *aliases, const Entry *alias);

extern void aliases_free(Aliases *aliases);

#endif
