/*
 * describe.h — from rows of the catalog to the description of a relation.
 */
#ifndef RG_MYSQL_DESCRIBE_H
#define RG_MYSQL_DESCRIBE_H

#include "connectors/mysql/catalog.h"
#include "connectors/sql/relation.h"

/* table: its row of catalog->tables; columns: its rows, which may be none. The arena keeps all texts. */
extern void describe(SqlArena *arena, const Catalog *catalog, const char *const *table, SqlGroup columns,
					 SqlRelation *relation);

/* The protocol's word for a table_type. */
extern const char *relation_kind(const char *const *table);

/* Returns ABSENT for NULL, and for numbers that are too large. */
extern int64_t relation_number(const char *text);

#endif
