/*
 * conditions.h — conditions of a read as SQL.
 */
#ifndef RG_POSTGRESQL_CONDITIONS_H
#define RG_POSTGRESQL_CONDITIONS_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "connectors/common/read_request.h"
#include "wire/wire.h"

/* A column of the relation, as it is now. */
typedef struct ReadColumn
{
	const char *name;
	const char *quoted;
	const char *type; /* below domains, as format_type() spells it without a modifier */
	bool is_enum;
	bool is_bytewise; /* its collation calls only those texts equal whose bytes are */
} ReadColumn;

/*
 * Appends an expression that holds exactly when the condition does for PostgreSQL. Returns false, and appends
 * nothing, if there is none. No value is written unquoted.
 */
extern bool
condition_write(WireBuffer *sql, PGconn *connection, const Condition *condition, const ReadColumn *column);

#endif
