/*
 * evacuate.c — DROP DATABASE and similar commands need a database without other sessions. Users do not know
 * of the workers in it, so these leave first, and stay away until the command has ended.
 */
#include "evacuate.h"

#include "postgres.h"

#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "tcop/utility.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "queue/databases.h"
#include "queue/jobs.h"
#include "queue/pool.h"
#include "queue/shared.h"
#include "stream/slots.h"

#define LEAVE_TIMEOUT_MS  10000
#define CHECK_INTERVAL_MS 10

static ProcessUtility_hook_type previous_hook = NULL;

static const char *
template_of(const CreatedbStmt *statement)
{
	ListCell *cell;

	foreach (cell, statement->options)
	{
		DefElem *option = lfirst(cell);

		if (strcmp(option->defname, "template") == 0 && option->arg != NULL)
			return strVal(option->arg);
	}
	return NULL;
}

static bool
moves(const AlterDatabaseStmt *statement)
{
	ListCell *cell;

	foreach (cell, statement->options)
	{
		if (strcmp(((const DefElem *) lfirst(cell))->defname, "tablespace") == 0)
			return true;
	}
	return false;
}

/* The database that the command needs without other sessions, or NULL. */
static const char *
affected_database(const Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_DropdbStmt:
			return ((const DropdbStmt *) statement)->dbname;
		case T_CreatedbStmt:
			return template_of((const CreatedbStmt *) statement);
		case T_AlterDatabaseStmt:
			return moves((const AlterDatabaseStmt *) statement)
					   ? ((const AlterDatabaseStmt *) statement)->dbname
					   : NULL;
		case T_RenameStmt:
			if (((const RenameStmt *) statement)->renameType == OBJECT_DATABASE)
				return ((const RenameStmt *) statement)->subname;
			return NULL;
		default:
			return NULL;
	}
}

/*
 * The command checks rights itself, but later. A user without the right must not be able to interrupt
 * workers.
 */
static Oid
database_to_leave(const Node *statement)
{
	const char *name = affected_database(statement);
	Oid database = name != NULL && rg_queue_is_available() ? get_database_oid(name, true) : InvalidOid;

	return OidIsValid(database) && rg_owns_database(database) ? database : InvalidOid;
}

/* After ALTER EXTENSION rivergen UPDATE the version may fit: wake the database. */
static bool
updates_extension(const Node *statement)
{
	return IsA(statement, AlterExtensionStmt) &&
		   strcmp(((const AlterExtensionStmt *) statement)->extname, "rivergen") == 0;
}

static void
wait_until_left(Oid database)
{
	TimestampTz give_up = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LEAVE_TIMEOUT_MS);

	while ((rg_pool_has_workers(database) || rg_stream_has_readers(database)) &&
		   GetCurrentTimestamp() < give_up)
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, CHECK_INTERVAL_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

static void
run(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
	ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *destination,
	QueryCompletion *completion)
{
	(previous_hook ? previous_hook : standard_ProcessUtility)(
		planned, query, read_only_tree, context, parameters, environment, destination, completion);
}

static void
process_utility(PlannedStmt *planned, const char *query, bool read_only_tree, ProcessUtilityContext context,
				ParamListInfo parameters, QueryEnvironment *environment, DestReceiver *destination,
				QueryCompletion *completion)
{
	Oid database = database_to_leave(planned->utilityStmt);

	if (!OidIsValid(database))
	{
		run(planned, query, read_only_tree, context, parameters, environment, destination, completion);
		if (updates_extension(planned->utilityStmt))
			rg_queue_wake_at_commit();
		return;
	}
	PG_TRY();
	{
		rg_pool_evacuate(database);
		rg_stream_evacuate(database);
		wait_until_left(database);
		run(planned, query, read_only_tree, context, parameters, environment, destination, completion);
	}
	PG_CATCH();
	{
		rg_database_readmit(database);
		PG_RE_THROW();
	}
	PG_END_TRY();
	if (IsA(planned->utilityStmt, DropdbStmt))
		rg_database_forget(database);
	else
		rg_database_readmit(database);
}

void
rg_evacuate_init(void)
{
	previous_hook = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
}
