/*
 * type.h — types as the catalog spells them: map<text, frozen<list<int>>>, frozen<"MyType">,
 * vector<float, 3>, 'org.apache.cassandra.db.marshal.…'.
 *
 * A text that cannot be understood is a type whose values are bytes. A type that is nested deeper than
 * DEEPEST_TYPE, or in itself, is one where that happens.
 */
#ifndef RG_CASSANDRA_TYPE_H
#define RG_CASSANDRA_TYPE_H

#include <stdbool.h>

#include "connectors/cassandra/body.h"
#include "connectors/sql/arena.h"

#define DEEPEST_TYPE 20

typedef enum CqlKind
{
	CQL_ASCII,
	CQL_BIGINT,
	CQL_BLOB,
	CQL_BOOLEAN,
	CQL_COUNTER,
	CQL_DATE,
	CQL_DECIMAL,
	CQL_DOUBLE,
	CQL_DURATION,
	CQL_FLOAT,
	CQL_INET,
	CQL_INT,
	CQL_SMALLINT,
	CQL_TEXT,
	CQL_TIME,
	CQL_TIMESTAMP,
	CQL_TIMEUUID,
	CQL_TINYINT,
	CQL_UUID,
	CQL_VARINT,
	CQL_OTHER, /* bytes that say nothing here; the last one of a single value */
	CQL_LIST,
	CQL_SET,
	CQL_MAP,
	CQL_TUPLE,
	CQL_VECTOR,
	CQL_USER
} CqlKind;

typedef struct CqlType
{
	CqlKind kind;
	const char *text; /* as it is stored */
	/* Of a collection its elements, of a map keys and values, of a tuple and a user-defined type all members.
	 */
	const struct CqlType **parts;
	const char **names; /* of the members of a user-defined type */
	int count;
	long dimensions; /* of a vector */
} CqlType;

/* The user-defined types of a keyspace. All zero has none. */
typedef struct UserTypes
{
	struct UserType *items;
	int count;
	SqlArena arena;
} UserTypes;

/* Adds one, with the values of its names and types as the catalog has them: lists of texts. */
extern void user_types_add(UserTypes *types, Bytes name, Bytes field_names, Bytes field_types);
extern void user_types_free(UserTypes *types);

/* Reads a type. It lives as long as the arena and the user-defined types. */
extern const CqlType *type_read(const UserTypes *types, SqlArena *arena, const char *text);

/* The PostgreSQL type that holds its values. */
extern const char *type_in_postgresql(const CqlType *type);

/* Are values an array in PostgreSQL: those of a collection of single values? */
extern bool type_is_array(const CqlType *type);

#endif
