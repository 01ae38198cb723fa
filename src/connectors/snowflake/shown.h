/*
 * shown.h — what SHOW tells. Its columns are read by their names: the service adds some every year, and not
 * at the end.
 */
#ifndef RG_SNOWFLAKE_SHOWN_H
#define RG_SNOWFLAKE_SHOWN_H

#include "connectors/snowflake/statement.h"
#include "connectors/sql/rows.h"

/* A SHOW without LIMIT gives so many rows at most, and does not say that there are more. */
#define MOST_SHOWN 10000

typedef struct Show
{
	const char *what;         /* TABLES, PRIMARY KEYS … */
	const char *in;           /* DATABASE, SCHEMA, TABLE, VIEW; NULL: in the account */
	const char *schema;       /* NULL: in the database */
	const char *relation;     /* NULL: in the schema */
	const char *const *names; /* of the columns that are wanted; the first one is that of a relation */
	int count;
	int needed;    /* so many of them must be there if there is a row; the first one always */
	bool in_pages; /* by LIMIT … FROM; the first column is the name that the pages go on from */
} Show;

/* A SHOW that was sent. */
typedef struct Showing
{
	Show show;
	StatementRun run;
} Showing;

/* Sends it; others may be under way. It must not move until it is finished or abandoned. */
extern void shown_begin(Showing *showing, Service *service, const Show *show);

/*
 * Adds rows: the texts of the first column, a text that keeps rows of a relation in their order, and the
 * texts of the other columns. What is empty is NULL. *shown: how many. Returns false with a failure.
 */
extern bool shown_finish(SqlRows *rows, Showing *showing, int *shown, HttpFailure *failure);

/* Gives the answer up. */
extern void shown_abandon(Showing *showing);

/* Begins and finishes it. */
extern bool shown_add(SqlRows *rows, Service *service, const Show *show, int *shown, HttpFailure *failure);

#endif
