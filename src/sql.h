/*
 * sql.h — running the static statements of this extension through SPI.
 *
 * A statement is a static variable: its text, and the plan that its first use in a session leaves behind. A
 * call lists the arguments, each with its type and whether it is NULL. Callers must be connected to SPI.
 */
#ifndef RG_SQL_H
#define RG_SQL_H

#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#define RG_SQL_MAX_ARGUMENTS 16

typedef struct RgStatement
{
	const char *text;
	Oid types[RG_SQL_MAX_ARGUMENTS]; /* rg_spi_execute takes them from the arguments of the first call */
	int options; /* CURSOR_OPT_CUSTOM_PLAN, CURSOR_OPT_GENERIC_PLAN, or 0: PostgreSQL chooses */
	SPIPlanPtr plan;
} RgStatement;

typedef struct RgArgument
{
	Datum value;
	Oid type;
	bool is_null;
} RgArgument;

static inline RgArgument
rg_int8(int64 value)
{
	return (RgArgument){Int64GetDatum(value), INT8OID, false};
}

static inline RgArgument
rg_int4(int32 value)
{
	return (RgArgument){Int32GetDatum(value), INT4OID, false};
}

static inline RgArgument
rg_bool(bool value)
{
	return (RgArgument){BoolGetDatum(value), BOOLOID, false};
}

static inline RgArgument
rg_oid(Oid value)
{
	return (RgArgument){ObjectIdGetDatum(value), OIDOID, false};
}

static inline RgArgument
rg_timestamptz(TimestampTz value)
{
	return (RgArgument){TimestampTzGetDatum(value), TIMESTAMPTZOID, false};
}

static inline RgArgument
rg_null(Oid type)
{
	return (RgArgument){(Datum) 0, type, true};
}

/* A varlena of the type: an array or bytea. */
static inline RgArgument
rg_pointer(const void *value, Oid type)
{
	return (RgArgument){PointerGetDatum(value), type, false};
}

static inline RgArgument
rg_int8_array(Datum array)
{
	return (RgArgument){array, INT8ARRAYOID, false};
}

static inline RgArgument
rg_text_array(Datum array)
{
	return (RgArgument){array, TEXTARRAYOID, false};
}

static inline RgArgument
rg_text(const char *value)
{
	return rg_pointer(cstring_to_text(value), TEXTOID);
}

static inline RgArgument
rg_text_or_null(const char *value)
{
	return value != NULL ? rg_text(value) : rg_null(TEXTOID);
}

static inline RgArgument
rg_jsonb(const Jsonb *value)
{
	return rg_pointer(value, JSONBOID);
}

static inline RgArgument
rg_jsonb_or_null(const Jsonb *value)
{
	return value != NULL ? rg_jsonb(value) : rg_null(JSONBOID);
}

#define RG_ARGUMENT_LIST(...)                                                                                \
	(const RgArgument[]){__VA_ARGS__}, (int) lengthof(((const RgArgument[]){__VA_ARGS__}))

/*
 * Runs the statement with the arguments that follow it: rg_spi_execute(&statement, rg_int8(id), …). Returns
 * the number of rows processed; the rows are in SPI_tuptable. An argument of another type than in the first
 * call is an internal error.
 */
#define rg_spi_execute(statement, ...) rg_spi_execute_list(statement, RG_ARGUMENT_LIST(__VA_ARGS__))
extern uint64 rg_spi_execute_list(RgStatement *statement, const RgArgument *arguments, int count);

/* The same with a new snapshot, so that the statement sees what has been committed at any isolation level. */
#define rg_spi_execute_latest(statement, ...)                                                                \
	rg_spi_execute_latest_list(statement, RG_ARGUMENT_LIST(__VA_ARGS__))
extern uint64 rg_spi_execute_latest_list(RgStatement *statement, const RgArgument *arguments, int count);

/* The same with the snapshot of the statement that called the function: it does not see the function's own
 * changes. At most one row. */
#define rg_spi_read(statement, ...) rg_spi_read_list(statement, RG_ARGUMENT_LIST(__VA_ARGS__))
extern uint64 rg_spi_read_list(RgStatement *statement, const RgArgument *arguments, int count);

/*
 * For arguments that a table of routes describes: the types are in the statement, and nulls is a string of
 * 'n' and ' ', or NULL.
 */
extern uint64 rg_spi_run(RgStatement *statement, Datum *values, const char *nulls);

/*
 * Reads many rows in portions, with arguments as rg_spi_run takes them. SPI_tuptable holds the rows of the
 * last fetch; SPI_freetuptable frees them.
 */
extern Portal rg_spi_open(RgStatement *statement, Datum *values, const char *nulls);
extern uint64 rg_spi_fetch(Portal portal, long count);

/* A cell of the current result; NULL becomes 0, false or NULL. Text is copied into the caller's context. */
extern Datum rg_spi_datum(uint64 row, int column, bool *is_null);
extern int64 rg_spi_int64(uint64 row, int column);
extern int32 rg_spi_int32(uint64 row, int column);
extern bool rg_spi_bool(uint64 row, int column);
extern bool rg_spi_is_null(uint64 row, int column);
extern char *rg_spi_text(uint64 row, int column);

#endif
