#include "error.h"

/* PT404 and its kin: PostgREST reads the three digits as the HTTP status. */
static int
sqlstate_of(int status)
{
	return MAKE_SQLSTATE('P', 'T', '0' + status / 100, '0' + status / 10 % 10, '0' + status % 10);
}

void
rg_fail(int status, const char *message, const char *detail, const char *hint)
{
	ereport(ERROR, (errcode(sqlstate_of(status)), errmsg_internal("%s", message),
					detail ? errdetail_internal("%s", detail) : 0, hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}
