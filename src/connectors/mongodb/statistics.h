/*
 * statistics.h — how many documents a collection has, and how large it is.
 */
#ifndef RG_MONGODB_STATISTICS_H
#define RG_MONGODB_STATISTICS_H

#include "connectors/common/emit.h"
#include "connectors/mongodb/collections.h"

/* Sets both in the frame, where the server says them. */
extern void statistics_read(Session *session, const Collection *collection, RelationFrame *frame);

#endif
