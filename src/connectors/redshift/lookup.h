/*
 * lookup.h — one relation, by the names of a request.
 */
#ifndef RG_REDSHIFT_LOOKUP_H
#define RG_REDSHIFT_LOOKUP_H

#include "connectors/redshift/catalog.h"
#include "connectors/sql/relation.h"

typedef struct Found
{
	Catalog catalog;
	SqlArena arena;
	SqlRelation relation;
	RelationFrame frame;
} Found;

/* False: there is no such relation, or the user may see none of its columns. id may be NULL. */
extern bool lookup(Session *session, const char *schema, const char *name, const char *id, Found *found);
extern void lookup_forget(Found *found);

/* NULL: the relation has no such column. */
extern const SqlColumn *lookup_column(const Found *found, const char *name);

/* What the server tells before it sends rows of such columns; false: of a type, or of a relation, that is
 * another one. */
extern bool lookup_is_told(const Found *found, const PGresult *told);

/* Writes how the column's value is asked for. Returns false if values of its type cannot be read. */
extern bool lookup_write_value(WireBuffer *sql, const SqlColumn *column);
extern void lookup_write_relation(WireBuffer *sql, const char *schema, const char *name);

#endif
