/*
 * fields.h — a column whose values consist of others: its members, as src/wire/README.md has them.
 */
#ifndef RG_CASSANDRA_FIELDS_H
#define RG_CASSANDRA_FIELDS_H

#include "connectors/cassandra/type.h"
#include "wire/wire.h"

/*
 * Does a path lead into values of the type? Those are values of user-defined types, and collections of them.
 */
extern bool type_has_fields(const CqlType *type);

/* The type that the column's document names: of a list or a set that has fields it is that of an element. */
extern const CqlType *type_shown(const CqlType *type);

/* Appends the members that say what is in it, each with a comma before: repeated, map and fields. */
extern void fields_append(WireBuffer *out, const CqlType *type);

#endif
