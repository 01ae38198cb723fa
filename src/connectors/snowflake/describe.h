/*
 * describe.h — a table or a view as a relation.
 */
#ifndef RG_SNOWFLAKE_DESCRIBE_H
#define RG_SNOWFLAKE_DESCRIBE_H

#include "connectors/snowflake/catalog.h"
#include "connectors/snowflake/column_type.h"
#include "connectors/sql/relation.h"

extern const char *describe_table_kind(const char *const *table);
extern const char *describe_view_kind(const char *const *view);

/*
 * Fills in what belongs to the relation of this row, which stays as long as the arena and the catalog.
 * database: that of the catalog.
 */
extern void describe_relation(SqlRelation *relation, SqlArena *arena, const Catalog *catalog,
							  const char *const *row, const char *database, bool is_view);

/* The type of a column, from its row. */
extern void describe_type(ColumnType *type, const char *const *column);

#endif
