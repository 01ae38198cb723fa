/*
 * again.h — reading a relation again, over a kept connection. What the catalogs said of it the last time is
 * taken for granted: the rows are asked for in the same message that asks the catalogs. The answers come in
 * order, and the rows are passed on only if the catalogs say the same as the last time. So a kept connection
 * answers in one round trip.
 *
 * Where they say something else, or a statement fails, all is asked again, one after the other, which also
 * tells what is wrong.
 */
#ifndef RG_POSTGRESQL_AGAIN_H
#define RG_POSTGRESQL_AGAIN_H

#include "connectors/common/read_request.h"
#include "connectors/postgresql/often.h"

/* What the catalogs say. */
typedef struct Found
{
	PGresult *relation;
	PGresult *types; /* NULL: there are no conditions */
} Found;

/* The questions to the catalogs. */
#define FOUND_PARAMETERS 5

typedef struct FoundQuestion
{
	OftenStatement find;
	bool has_types;
	Parameter parameters[FOUND_PARAMETERS];
} FoundQuestion;

/* Keeps the answer, whose results it takes over, for the next time. */
extern const Found *again_keep(const FoundQuestion *question, Found found);

/* The answer to the same question; NULL: none is known, or the session is not the connector's own. */
extern const Found *again_known(const Session *session, const FoundQuestion *question);

/*
 * Locks the relation, asks the question and for the rows, and receives all before the rows. False: something
 * has changed or failed; the transaction is rolled back.
 */
extern bool again_ask(Session *session, const FoundQuestion *question, const char *lock, const char *copy);

#endif
