/*
 * describe.h — a relation of the catalogs, as the document has it.
 */
#ifndef RG_REDSHIFT_DESCRIBE_H
#define RG_REDSHIFT_DESCRIBE_H

#include "connectors/redshift/catalog.h"
#include "connectors/sql/relation.h"

/* The texts live as long as the catalog and the arena. id is the relation's at the source, or NULL. */
extern void describe(SqlArena *arena, const Catalog *catalog, const char *const *table, SqlRelation *relation,
					 RelationFrame *frame);

#endif
