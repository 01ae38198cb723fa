/*
 * import.c — what IMPORT FOREIGN SCHEMA does, statement by statement: one that fails leaves out its relation
 * and not all of them.
 */
#include "import.h"

#include "access/xact.h"
#include "catalog/pg_namespace.h"
#include "executor/spi.h"
#include "foreign/fdwapi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"
#include "utils/timeout.h"

#include "sql.h"
#include "watch.h"

/* A relation that no schema has. */
#define NO_RELATION "rivergen connects"

/* ---- as the role ---- */

typedef struct User
{
	Oid role;
	int context;
} User;

static User
become(Oid role)
{
	User before;

	GetUserIdAndSecContext(&before.role, &before.context);
	SetUserIdAndSecContext(role,
						   before.context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	return before;
}

static void
become_again(User before)
{
	SetUserIdAndSecContext(before.role, before.context);
}

/* ---- the wrapper's statements ---- */

bool
rg_import_is_offered(Oid server)
{
	return GetFdwRoutineByServerId(server)->ImportForeignSchema != NULL;
}

void
rg_import_begin(RgImport *import)
{
	import->scratch = NamespaceCreate(psprintf("rivergen_import_%d", MyProcPid), import->role, false);
	CommandCounterIncrement();
}

static ImportForeignSchemaStmt *
request_of(const RgImport *import, bool only_try)
{
	ImportForeignSchemaStmt *request = makeNode(ImportForeignSchemaStmt);

	request->server_name = pstrdup(import->server_name);
	request->remote_schema = pstrdup(import->remote_schema);
	request->local_schema = get_namespace_name(import->scratch);
	request->list_type = only_try ? FDW_IMPORT_SCHEMA_LIMIT_TO : FDW_IMPORT_SCHEMA_ALL;
	request->table_list = only_try ? list_make1(makeRangeVar(NULL, pstrdup(NO_RELATION), -1)) : NIL;
	return request;
}

/* The time limit and a cancellation end the wrapper where it checks for interrupts. */
static List *
ask_wrapper(const RgImport *import, ImportForeignSchemaStmt *request)
{
	FdwRoutine *routine = GetFdwRoutineByServerId(import->server);
	List *volatile statements = NIL;

	PG_TRY();
	{
		rg_watch_code_begin(import->timeout);
		statements = routine->ImportForeignSchema(request, import->server);
	}
	PG_FINALLY();
	{
		rg_watch_code_end();
	}
	PG_END_TRY();
	return statements;
}

List *
rg_import_statements(const RgImport *import, bool only_try)
{
	MemoryContext before = MemoryContextSwitchTo(import->memory);
	ImportForeignSchemaStmt *request = request_of(import, only_try);
	User user = become(import->role);
	List *statements = ask_wrapper(import, request);

	become_again(user);
	MemoryContextSwitchTo(before);
	return statements;
}

/* ---- one statement ---- */

/* Returns NULL if the text is anything but one CREATE FOREIGN TABLE. */
static RawStmt *
parse(const char *statement)
{
	List *parsed = pg_parse_query(statement);
	RawStmt *raw = list_length(parsed) == 1 ? linitial_node(RawStmt, parsed) : NULL;

	if (raw == NULL || !IsA(raw->stmt, CreateForeignTableStmt))
		ereport(ERROR, errcode(ERRCODE_FDW_ERROR),
				errmsg("the wrapper's statement is not one CREATE FOREIGN TABLE"));
	return raw;
}

static Oid
create(const RgImport *import, const char *statement, char **name)
{
	RawStmt *raw = parse(statement);
	CreateForeignTableStmt *table = (CreateForeignTableStmt *) raw->stmt;
	PlannedStmt *planned = makeNode(PlannedStmt);

	*name = MemoryContextStrdup(import->memory, table->base.relation->relname);
	table->base.relation->schemaname = get_namespace_name(import->scratch);
	planned->commandType = CMD_UTILITY;
	planned->utilityStmt = (Node *) table;
	planned->stmt_location = raw->stmt_location;
	planned->stmt_len = raw->stmt_len;

	User user = become(import->role);

	ProcessUtility(planned, statement, false, PROCESS_UTILITY_SUBCOMMAND, NULL, NULL, None_Receiver, NULL);
	become_again(user);
	CommandCounterIncrement();
	return get_relname_relid(*name, import->scratch);
}

static void
describe(const RgImport *import, const char *statement, RgImported *imported)
{
	static RgStatement look = {
		.text = "SELECT frame, columns FROM rivergen_catalog.wrapped_relation($1, $2, $3, NULL)"};
	Oid relation = create(import, statement, &imported->name);

	rg_spi_execute(&look, rg_oid(relation), rg_text(import->remote_schema), rg_text(imported->name));
	imported->columns = rg_spi_int32(0, 2);
	imported->frame = MemoryContextStrdup(import->memory, rg_spi_text(0, 1));
}

/* Of the server, not of the relation. */
static bool
must_be_thrown_on(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION);
}

/* The name in a statement that cannot be parsed, as far as it can be told; for people. */
static char *
guess_name(const RgImport *import, const char *statement)
{
	const char *name = strstr(statement, "TABLE ");
	size_t length;

	if (name == NULL)
		return NULL;
	name += strlen("TABLE ");
	name += strspn(name, " \t\n\"");
	length = strcspn(name, "\"\n(");
	while (length > 0 && name[length - 1] == ' ')
		length--;
	return length > 0 ? MemoryContextStrdup(import->memory, pnstrdup(name, Min(length, NAMEDATALEN - 1)))
					  : NULL;
}

RgImported
rg_import_describe(const RgImport *import, const char *statement)
{
	MemoryContext before = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	RgImported *imported = MemoryContextAllocZero(import->memory, sizeof(RgImported));

	BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		describe(import, statement, imported);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(import->memory);
		imported->error = CopyErrorData();
		imported->frame = NULL;
		FlushErrorState();
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(before);
	CurrentResourceOwner = owner;
	if (imported->error != NULL && must_be_thrown_on(imported->error))
		ReThrowError(imported->error);
	if (imported->name == NULL)
		imported->name = guess_name(import, statement);
	return *imported;
}
