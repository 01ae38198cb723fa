/*
 * sql.h — running the static statements of this extension through SPI.
 *
 * A statement is a static variable: text, parameter types, and the plan that its first use in a session
 * leaves behind. Callers must be connected to SPI.
 */
#ifndef RG_SQL_H
#define RG_SQL_H

#include "postgres.h"

#include "executor/spi.h"

#define RG_SQL_MAX_ARGUMENTS 16

typedef struct RgStatement
{
	const char *text;
	Oid types[RG_SQL_MAX_ARGUMENTS]; /* ends at the first InvalidOid */
	int options; /* CURSOR_OPT_CUSTOM_PLAN, CURSOR_OPT_GENERIC_PLAN, or 0: whichever seems better */
	SPIPlanPtr plan;
} RgStatement;

/* Runs it and returns the number of rows processed; rows are in SPI_tuptable. nulls may be NULL, or 'n' / '
 * '. */
extern uint64 rg_spi_run(RgStatement *statement, Datum *values, const char *nulls);

/* Same, but with a new snapshot of its own, so that it sees what others committed whatever the isolation
 * level. */
extern uint64 rg_spi_run_latest(RgStatement *statement, Datum *values, const char *nulls);

/* Reading many rows in turns: SPI_tuptable holds the rows of the last fetch, SPI_freetuptable it. */
extern Portal rg_spi_open(RgStatement *statement, Datum *values, const char *nulls);
extern uint64 rg_spi_fetch(Portal portal, long count);

/* The cell of the current result; NULL becomes 0, false or NULL. Text is copied into the caller's context. */
extern Datum rg_spi_datum(uint64 row, int column, bool *is_null);
extern int64 rg_spi_int64(uint64 row, int column);
extern int32 rg_spi_int32(uint64 row, int column);
extern bool rg_spi_bool(uint64 row, int column);
extern bool rg_spi_is_null(uint64 row, int column);
extern char *rg_spi_text(uint64 row, int column);

#endif
