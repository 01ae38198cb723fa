/*
 * newcomers.c — inserts new relations in batches. A batch is a tuplestore that the statement reads like a
 * table.
 */
#include "newcomers.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/queryenvironment.h"
#include "utils/tuplestore.h"

#include "state.h"

/* Enough rows to make the start of a statement cheap, few enough to stay in memory. */
#define BATCH_BYTES (1024 * 1024)

struct RgNewcomers
{
	RgMerge *merge;
	MemoryContext memory;
	TupleDesc columns;
	Tuplestorestate *rows;
	size_t bytes; /* in rows */
};

static const struct
{
	const char *name;
	Oid type;
} columns[RG_NEWCOMER_COLUMNS] = {
	{"schema_name", TEXTOID}, {"relation_name", TEXTOID}, {"kind", TEXTOID},
	{"native_id", TEXTOID},   {"columns_count", INT4OID}, {"row_estimate", INT8OID},
	{"size_bytes", INT8OID},  {"hash", BYTEAOID},         {"document", JSONBOID},
};

RgNewcomers *
rg_newcomers_begin(RgMerge *merge)
{
	RgNewcomers *newcomers = palloc0(sizeof(RgNewcomers));

	newcomers->merge = merge;
	newcomers->memory = CurrentMemoryContext;
	newcomers->columns = CreateTemplateTupleDesc(RG_NEWCOMER_COLUMNS);
	for (int i = 0; i < RG_NEWCOMER_COLUMNS; i++)
		TupleDescInitEntry(newcomers->columns, i + 1, columns[i].name, columns[i].type, -1, 0);
	return newcomers;
}

static void
insert(RgMerge *merge)
{
	static RgStatement insert = {
		.text =
			"INSERT INTO rivergen_catalog.relation (organization_id, data_source_id, schema_name, "
			"relation_name, kind, native_id, columns_count, row_estimate, size_bytes, hash, document, dialect) "
			"SELECT $1, $2, schema_name, relation_name, kind, nullif(native_id, ''), columns_count, "
			"nullif(row_estimate, -1), nullif(size_bytes, -1), hash, document, $3 FROM newcomers",
	};

	rg_spi_execute(&insert, rg_int8(merge->organization_id), rg_int8(merge->data_source_id),
				   rg_text_or_null(merge->dialect));
}

static void
insert_batch(RgNewcomers *newcomers)
{
	EphemeralNamedRelationData relation = {
		.md = {.name = "newcomers", .tupdesc = newcomers->columns, .enrtype = ENR_NAMED_TUPLESTORE},
		.reldata = newcomers->rows,
	};

	if (SPI_register_relation(&relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "the new relations cannot be shown to a statement");
	insert(newcomers->merge);
	SPI_unregister_relation(relation.md.name);
	tuplestore_end(newcomers->rows);
	newcomers->rows = NULL;
	newcomers->bytes = 0;
}

void
rg_newcomers_add(RgNewcomers *newcomers, Datum *values)
{
	static bool nulls[RG_NEWCOMER_COLUMNS]; /* no value is null */
	MemoryContext previous = MemoryContextSwitchTo(newcomers->memory);

	if (newcomers->rows == NULL)
		newcomers->rows = tuplestore_begin_heap(false, false, work_mem);
	tuplestore_putvalues(newcomers->rows, newcomers->columns, values, nulls);
	newcomers->bytes += VARSIZE_ANY(DatumGetPointer(values[RG_NEWCOMER_COLUMNS - 1]));
	if (newcomers->bytes >= BATCH_BYTES)
		insert_batch(newcomers);
	MemoryContextSwitchTo(previous);
}

void
rg_newcomers_end(RgNewcomers *newcomers)
{
	if (newcomers->rows != NULL)
		insert_batch(newcomers);
	FreeTupleDesc(newcomers->columns);
	pfree(newcomers);
}
