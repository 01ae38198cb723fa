/*
 * often.h — the statements that each read runs before its rows. A connection that is kept has them prepared
 * after its first read, and the session has the settings of its transactions, where no pooler stands between:
 * a pooler gives the server's session to other clients, which must find nothing of ours in it.
 */
#ifndef RG_POSTGRESQL_OFTEN_H
#define RG_POSTGRESQL_OFTEN_H

#include <stdbool.h>

#include "connectors/postgresql/session.h"

typedef enum OftenStatement
{
	OFTEN_SETTINGS,
	OFTEN_FIND_BY_ID,
	OFTEN_FIND_BY_NAME,
	OFTEN_TYPES
} OftenStatement;

#define OFTEN_COUNT 4

/* Columns of the results of OFTEN_FIND_BY_ID and OFTEN_FIND_BY_NAME. */
typedef enum FoundColumn
{
	FOUND_ID,
	FOUND_RELATION, /* quoted, with its schema */
	FOUND_SAME_NAME,
	FOUND_PERCENT, /* of the relation that make a sample; null: all of it */
	FOUND_COLUMN,
	FOUND_QUOTED,
	FOUND_PROCESS, /* of the server, which serves the session; null: the rows come from code of others, too */
	FOUND_LOCKABLE /* null: LOCK TABLE would refuse it */
} FoundColumn;

/* Columns of the result of OFTEN_TYPES. */
typedef enum FoundType
{
	FOUND_TYPE_COLUMN,
	FOUND_TYPE,
	FOUND_IS_ENUM,
	FOUND_IS_BYTEWISE
} FoundType;

/* Adds the statement to the current batch. */
extern void often_ask(Session *session, OftenStatement statement, const Parameter *parameters, int count);

/* As it is prepared. */
extern const char *often_name(OftenStatement statement);

/* Adds the session's settings and the preparation of each to the current batch. Returns false if the
 * connection is lost. */
extern bool often_ask_prepared(PGconn *connection);

#endif
