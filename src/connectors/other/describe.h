/*
 * describe.h — the document of a relation.
 */
#ifndef RG_OTHER_DESCRIBE_H
#define RG_OTHER_DESCRIBE_H

#include "connectors/other/catalog.h"
#include "connectors/other/types.h"
#include "connectors/sql/relation.h"

extern ColumnType describe_type(const char *const *column);

extern const char *describe_kind(const char *const *table);

/* Asks the driver for keys and indexes. *row_estimate: what it says of the number of rows. */
extern void describe(SqlArena *arena, OdbcSession *session, const char *const *table, SqlGroup columns,
					 SqlRelation *relation, int64_t *row_estimate);

#endif
