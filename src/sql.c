#include "sql.h"

#include "utils/builtins.h"
#include "utils/snapmgr.h"

static void
prepare(RgStatement *statement)
{
	int count = 0;

	while (count < RG_SQL_MAX_ARGUMENTS && OidIsValid(statement->types[count]))
		count++;

	SPIPlanPtr plan = SPI_prepare_cursor(statement->text, count, statement->types, statement->options);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
	statement->plan = plan;
}

/* SPI leaves its own memory context current after each call; what is read afterwards belongs into the
 * caller's. */
static uint64
execute(RgStatement *statement, Datum *values, const char *nulls, bool read_only)
{
	MemoryContext memory = CurrentMemoryContext;

	if (statement->plan == NULL)
		prepare(statement);

	int result = SPI_execute_plan(statement->plan, values, nulls, read_only, 0);

	MemoryContextSwitchTo(memory);
	if (result < 0)
		elog(ERROR, "could not run a statement: %s", SPI_result_code_string(result));
	return SPI_processed;
}

uint64
rg_spi_run(RgStatement *statement, Datum *values, const char *nulls)
{
	return execute(statement, values, nulls, false);
}

/* SPI takes the active snapshot for a read-only plan; a REPEATABLE READ caller's own would be too old. */
uint64
rg_spi_run_latest(RgStatement *statement, Datum *values, const char *nulls)
{
	PushActiveSnapshot(GetLatestSnapshot());

	uint64 rows = execute(statement, values, nulls, true);

	PopActiveSnapshot();
	return rows;
}

Portal
rg_spi_open(RgStatement *statement, Datum *values, const char *nulls)
{
	MemoryContext memory = CurrentMemoryContext;

	if (statement->plan == NULL)
		prepare(statement);

	Portal portal = SPI_cursor_open(NULL, statement->plan, values, nulls, true);

	MemoryContextSwitchTo(memory);
	if (portal == NULL)
		elog(ERROR, "could not open a cursor: %s", SPI_result_code_string(SPI_result));
	return portal;
}

uint64
rg_spi_fetch(Portal portal, long count)
{
	MemoryContext memory = CurrentMemoryContext;

	SPI_cursor_fetch(portal, true, count);
	MemoryContextSwitchTo(memory);
	return SPI_processed;
}

Datum
rg_spi_datum(uint64 row, int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, is_null);
}

int64
rg_spi_int64(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? 0 : DatumGetInt64(value);
}

int32
rg_spi_int32(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? 0 : DatumGetInt32(value);
}

bool
rg_spi_bool(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return !is_null && DatumGetBool(value);
}

bool
rg_spi_is_null(uint64 row, int column)
{
	bool is_null;

	(void) rg_spi_datum(row, column, &is_null);
	return is_null;
}

char *
rg_spi_text(uint64 row, int column)
{
	bool is_null;
	Datum value = rg_spi_datum(row, column, &is_null);

	return is_null ? NULL : TextDatumGetCString(value);
}
