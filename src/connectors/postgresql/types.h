/*
 * types.h — types and collations by oid; the server is asked about each once.
 *
 * A lookup has two steps, so that questions travel together: first a chunk wants everything that it needs,
 * then one batch asks for what is not known. Whatever a chunk wanted stays available until two more chunks
 * have been begun; older entries may be dropped, which bounds the memory for sources of any size.
 */
#ifndef RG_POSTGRESQL_TYPES_H
#define RG_POSTGRESQL_TYPES_H

#include "connectors/postgresql/rows.h"
#include "connectors/postgresql/session.h"
#include "wire/wire.h"

typedef struct Type
{
	ObjectId id;
	int32_t modifier;
	bool used; /* this place of the table is taken */
	bool known;
	bool not_null; /* a domain that allows no nulls */
	ObjectId collation;
	char *name;    /* as JSON; NULL: the server could not describe it, or it has gone */
	char *labels;  /* what a column of this type has at its end: ,"enum":… or NULL */
	char *members; /* and after that: ,"domain_base":…,"pg_type":… */
	char *failure; /* why the server could not describe it, or NULL */
} Type;

typedef struct TypeTable
{
	Type *types;
	size_t capacity; /* a power of two */
	size_t count;
} TypeTable;

typedef struct Types
{
	TypeTable current;
	TypeTable previous;
	WireBuffer wanted_ids; /* array literals under construction */
	WireBuffer wanted_modifiers;
	WireBuffer wanted_collations;
	struct Collation *collations;
	int collation_count;
	size_t bytes; /* held by the current table's texts */
} Types;

extern void types_begin_chunk(Types *types);
extern void types_want(Types *types, ObjectId id, int32_t modifier);
extern void types_want_collation(Types *types, ObjectId id);

/* Writes ,"pg_type":"bigint[]" from a row of STATEMENT_TYPES; text is not said. */
extern void types_write_pg_type(WireBuffer *json, const PGresult *result, int row);

/* The questions of one batch. */
typedef struct TypesAsked
{
	bool types;
	bool labels;
	bool collations;
} TypesAsked;

struct Discovery;

/*
 * Asks, in a batch of its own, for all wanted entries that are neither known nor requested yet, without
 * statements that the server denies.
 */
extern TypesAsked types_ask(Types *types, Session *session, const bool *denied);
/*
 * Returns false if something failed. Then types_recover() asks for each entry alone, once no answer is
 * outstanding.
 */
extern bool types_receive(Types *types, Session *session, TypesAsked asked);
extern void types_recover(Types *types, struct Discovery *discovery);

/*
 * Both find entries that were wanted and that the server knows. The type may be NULL, and the collation's
 * name too.
 */
extern const Type *types_find(const Types *types, ObjectId id, int32_t modifier);
extern const char *types_collation(const Types *types, ObjectId id);

#endif
