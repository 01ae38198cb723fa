/*
 * describe.h — a table or a materialized view, as the catalog has it.
 */
#ifndef RG_CASSANDRA_DESCRIBE_H
#define RG_CASSANDRA_DESCRIBE_H

#include "connectors/cassandra/catalog.h"
#include "connectors/sql/relation.h"

/* The row is that of the table or of the view. The relation lives as long as the arena and the catalog. */
extern void
describe_table(SqlArena *arena, const Catalog *catalog, const char *const *row, SqlRelation *relation);
extern void
describe_view(SqlArena *arena, const Catalog *catalog, const char *const *row, SqlRelation *relation);

#endif
