/*
 * run_as.c — rivergen_catalog.run_as: a statement about foreign tables, with the rights of the role that owns
 * them. PL/pgSQL cannot switch roles within a function of the extension's owner.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

PG_FUNCTION_INFO_V1(rg_sql_run_as);

static void
run(Oid role, const char *statement)
{
	Oid user;
	int context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(role, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	SPI_execute(statement, false, 0);
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/* Failures of the server: no other statement would succeed, or none is wanted any more. */
static bool
must_be_thrown_on(const ErrorData *error)
{
	int category = ERRCODE_TO_CATEGORY(error->sqlerrcode);

	return category == ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION) ||
		   category == ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR) ||
		   error->sqlerrcode == ERRCODE_READ_ONLY_SQL_TRANSACTION;
}

/*
 * NULL: it succeeded. The abort of the subtransaction takes the role back. It comes before an error is thrown
 * on, for a session ends only its own transaction.
 */
static ErrorData *
attempt(Oid role, const char *statement)
{
	MemoryContext memory = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(memory);
	PG_TRY();
	{
		run(role, statement);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(memory);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(memory);
	CurrentResourceOwner = owner;
	if (error != NULL && must_be_thrown_on(error))
		ReThrowError(error);
	return error;
}

static Datum
text_or_null(const char *text, bool *is_null)
{
	*is_null = text == NULL;
	return text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

Datum
rg_sql_run_as(PG_FUNCTION_ARGS)
{
	Oid role = PG_GETARG_OID(0);
	TupleDesc descriptor;
	Datum values[3] = {0};
	bool nulls[3] = {true, true, true};
	ErrorData *error;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "run_as must return a row");
	if (!has_privs_of_role(GetUserId(), role))
		ereport(
			ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			errmsg("the owner of the extension may not act for role \"%s\"", GetUserNameFromId(role, false)));
	error = attempt(role, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	if (error != NULL)
	{
		values[0] = text_or_null(unpack_sql_state(error->sqlerrcode), &nulls[0]);
		values[1] = text_or_null(error->message, &nulls[1]);
		values[2] = text_or_null(error->detail, &nulls[2]);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls)));
}
