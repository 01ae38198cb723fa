/*
 * server.c — the few functions of the server itself that the parsers in src/check call, as they are in a
 * database in UTF-8. All others (palloc, StringInfo, psprintf, the tables of UTF-8) come from PostgreSQL's
 * own libpgcommon and libpgport.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "secret/seal.h"

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

int
pg_mblen(const char *text)
{
	return pg_encoding_mblen(PG_UTF8, text);
}

bool
pg_verifymbstr(const char *text, int length, bool no_error)
{
	(void) no_error;
	return pg_encoding_verifymbstr(PG_UTF8, text, length) == length;
}

/* Memory of exactly that size. */
void *
rg_secret_alloc(Size size)
{
	return palloc(size);
}
