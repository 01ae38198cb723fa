/*
 * recover.h — after a failed batch, asks again object by object, so that only the object at fault is missing.
 */
#ifndef RG_POSTGRESQL_RECOVER_H
#define RG_POSTGRESQL_RECOVER_H

#include "connectors/postgresql/chunk.h"

/*
 * Returns a statement's rows for one object; the parameters are arrays, as text, with one element each.
 * Returns NULL if there are none; then *reason, if not NULL, is why, and belongs to the caller. No answer may
 * be outstanding in the session.
 */
extern PGresult *recover_object(Discovery *discovery, Statement statement, const Parameter *parameters,
								int count, char **reason);

/*
 * Returns a statement's rows for these relations. Relations for which it fails are added to the chunk's
 * failures.
 */
extern PGresult *
recover_rows(Discovery *discovery, Chunk *chunk, Statement statement, const ObjectId *relations, int count);

#endif
