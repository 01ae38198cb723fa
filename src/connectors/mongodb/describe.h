/*
 * describe.h — a collection and its document.
 */
#ifndef RG_MONGODB_DESCRIBE_H
#define RG_MONGODB_DESCRIBE_H

#include "connectors/common/emit.h"
#include "connectors/mongodb/survey.h"

/* Frees the paths. */
extern void describe(Session *session, const Request *request, const Collection *collection, Paths *paths,
					 RelationFrame *frame);

#endif
