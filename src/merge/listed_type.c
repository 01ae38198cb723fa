/*
 * listed_type.c — rivergen_catalog.is_listed_type.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "wire/pg_type.h"

PG_FUNCTION_INFO_V1(rg_sql_is_listed_type);

Datum
rg_sql_is_listed_type(PG_FUNCTION_ARGS)
{
	text *name = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(wire_pg_type_is_listed(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
}
