/*
 * describe.h — a relation as the catalog has it.
 */
#ifndef RG_ORACLE_DESCRIBE_H
#define RG_ORACLE_DESCRIBE_H

#include "connectors/oracle/catalog.h"
#include "connectors/sql/relation.h"

/* The word of the document, or NULL: the object is no relation of its own. */
extern const char *relation_kind(const Catalog *catalog, const char *const *object);

extern SqlGroup relation_columns(const Catalog *catalog, const char *const *object);

/* The texts live as long as the catalog and the arena. */
extern void describe(SqlArena *arena, Catalog *catalog, const char *const *object, SqlRelation *relation);

#endif
