#include "failure.h"

#include "transaction.h"
#include "words.h"

bool
rg_failed(RgFailure *failure, const char *code, const char *message, const char *detail)
{
	*failure = (RgFailure){.code = code, .step = "configure", .message = message, .detail = detail};
	return false;
}

bool
rg_failed_here(RgFailure *failure, const char *code, const char *message, const char *missing)
{
	ereport(LOG, (errmsg("%s: %s", message, missing)));
	rg_failed(failure, code, message, "The server's log says why.");
	failure->elsewhere = true;
	return false;
}

/*
 * Lack of a resource, unreadable or unwritable files, and internal errors. A worker is a superuser, so
 * missing rights concern files only.
 */
static bool
is_of_system(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
		case ERRCODE_CONFIG_FILE_ERROR:
		case ERRCODE_INTERNAL_ERROR:
			return true;
		default:
			return sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE;
	}
}

bool
rg_failed_by_error(RgFailure *failure, const char *message, const ErrorData *error)
{
	if (rg_transaction_met_another(error))
	{
		rg_failed(failure, "unavailable", "another transaction has locked what the request needs",
				  "Try again when that transaction has ended.");
		failure->elsewhere = true;
		return false;
	}
	if (is_of_system(error->sqlerrcode))
		return rg_failed_here(failure, "unavailable", message, error->message);
	ereport(LOG, (errmsg("%s: %s", message, error->message)));
	return rg_failed(failure, "internal", message,
					 rg_words(error->message, strlen(error->message), NULL, RG_REASON_BYTES));
}
