/*
 * describe.h — makes a relation of what the catalog says.
 */
#ifndef RG_SQLSERVER_DESCRIBE_H
#define RG_SQLSERVER_DESCRIBE_H

#include "connectors/sqlserver/catalog.h"

/* object: a row of catalog->objects. */
extern const char *relation_kind(const Catalog *catalog, const char *const *object);

/* Describes the relation, whose texts live as long as the arena and the rows. */
extern void describe(SqlArena *arena, const Catalog *catalog, const char *const *object, SqlGroup columns,
					 SqlRelation *relation);

#endif
