/*
 * value_fault.c — code that fails is taken back by a subtransaction, which costs more than to read ten
 * values. The input functions of plain types do nothing that needs this: they read bytes and allocate memory
 * of the row, and hold no lock, buffer, reference or state of their own when they fail. Their errors are
 * caught and dropped.
 */
#include "stream/value_fault.h"

#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"

#include "compat.h"

/* ---- types ---- */

static bool
is_plain_scalar(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case FLOAT4OID:
		case FLOAT8OID:
		case NUMERICOID:
		case CASHOID:
		case OIDOID:
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case BYTEAOID:
		case BITOID:
		case VARBITOID:
		case UUIDOID:
		case DATEOID:
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
		case JSONOID:
		case JSONBOID:
		case INETOID:
		case CIDROID:
		case MACADDROID:
		case MACADDR8OID:
			return true;
		default:
			return false;
	}
}

/* Arrays of plain types, enumerations, and the server's own ranges, whose parts are plain. */
bool
rg_value_is_plain(Oid type)
{
	Oid element = get_element_type(type);
	char kind = get_typtype(OidIsValid(element) ? element : type);

	if (kind == TYPTYPE_ENUM)
		return true;
	if (kind == TYPTYPE_RANGE || kind == TYPTYPE_MULTIRANGE)
		return type < FirstGenbkiObjectId;
	return is_plain_scalar(OidIsValid(element) ? element : type);
}

/* ---- reading ---- */

static bool
is_of_value(int code)
{
	switch (ERRCODE_TO_CATEGORY(code))
	{
		case ERRCODE_TO_CATEGORY(ERRCODE_TRANSACTION_ROLLBACK):
		case ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES):
		case ERRCODE_TO_CATEGORY(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE):
		case ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION):
		case ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR):
		case ERRCODE_TO_CATEGORY(ERRCODE_INTERNAL_ERROR):
			return false;
		default:
			return code != ERRCODE_STATEMENT_TOO_COMPLEX;
	}
}

/* The error that was caught. */
static ErrorData *
take_error(MemoryContext context)
{
	ErrorData *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	return error;
}

/* Its message; an error that the value is not to blame for goes on, once no subtransaction is open. */
static const char *
fault_of(ErrorData *error)
{
	if (!is_of_value(error->sqlerrcode))
		ReThrowError(error);
	return error->message;
}

#if PG_VERSION_NUM >= 160000
static bool
read_reported(RgValueType *type, const WireField *field, Datum *value, const char **fault)
{
	ErrorSaveContext saved = {.type = T_ErrorSaveContext, .details_wanted = true};

	if (InputFunctionCallSafe(&type->input, field->text, type->parameter, type->modifier, (Node *) &saved,
							  value))
		return true;
	*fault = saved.error_data->message;
	return false;
}
#endif

static bool
read_caught(RgValueType *type, const WireField *field, Datum *value, const char **fault)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool fine = true;

	PG_TRY();
	{
		*value = rg_value_read_by_input(type, field);
	}
	PG_CATCH();
	{
		*fault = fault_of(take_error(context));
		fine = false;
	}
	PG_END_TRY();
	return fine;
}

static bool
read_in_subtransaction(RgValueType *type, const WireField *field, Datum *value, const char **fault)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile bool fine = true;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		*value = rg_value_read_by_input(type, field);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData *error = take_error(context);

		RollbackAndReleaseCurrentSubTransaction();
		*fault = fault_of(error);
		fine = false;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return fine;
}

#if PG_VERSION_NUM < 170000
static void
say_why_not_null(void *argument)
{
	errhint("The value cannot become null in a parallel query on this version of PostgreSQL: "
			"SET max_parallel_workers_per_gather = 0.");
}

/* No subtransaction may begin. */
static bool
read_in_parallel(RgValueType *type, const WireField *field, Datum *value)
{
	ErrorContextCallback context = {error_context_stack, say_why_not_null, NULL};

	error_context_stack = &context;
	*value = rg_value_read_by_input(type, field);
	error_context_stack = context.previous;
	return true;
}
#endif

bool
rg_value_read_or_fault(RgValueType *type, const WireField *field, Datum *value, const char **fault)
{
	if (rg_value_read_fast(type, field, value))
		return true;
#if PG_VERSION_NUM >= 160000
	/* The server's own types report a fault. Bytes of another encoding may fail before their input functions.
	 */
	if (type->checked && type->type < FirstGenbkiObjectId)
		return read_reported(type, field, value, fault);
#endif
	if (type->plain)
		return read_caught(type, field, value, fault);
#if PG_VERSION_NUM < 170000
	if (IsInParallelMode())
		return read_in_parallel(type, field, value);
#endif
	return read_in_subtransaction(type, field, value, fault);
}
