/*
 * known.h — the signatures of relations that the server has from an earlier discovery.
 */
#ifndef RG_CONNECTOR_KNOWN_H
#define RG_CONNECTOR_KNOWN_H

#include "connectors/common/request.h"

typedef struct KnownRelation
{
	char *id;
	char *signature;
} KnownRelation;

typedef struct Known
{
	KnownRelation *relations; /* in the order of their ids */
	int count;
} Known;

/* None, unless the request knows the source by this signature. */
extern void known_read(Known *known, const Request *request, const char *source_signature);

extern bool known_has(const Known *known, const char *id, const char *signature);
extern void known_free(Known *known);

#endif
