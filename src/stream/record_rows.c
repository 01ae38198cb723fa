#include "stream/record_rows.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "error.h"
#include "wire/copy_text.h"

struct RgRecordRows
{
	TupleDesc descriptor;
	Tuplestorestate *store;
	AttInMetadata *input;
	WireField *fields;
	char **texts;
	MemoryContext row; /* reset after each */
	int64 number;
};

RgRecordRows *
rg_stream_record_begin(JsonbContainer *columns, TupleDesc descriptor, Tuplestorestate *store)
{
	RgRecordRows *rows = palloc0(sizeof(RgRecordRows));
	int count = (int) JsonContainerSize(columns);

	if (count != descriptor->natts)
		rg_fail(RG_BAD_REQUEST, "the list of columns does not fit the query",
				psprintf("The query has %d columns, the list %d.", count, descriptor->natts),
				"rivergen.query(…, check_only => true) shows the columns of a query.");
	rows->descriptor = descriptor;
	rows->store = store;
	rows->input = TupleDescGetAttInMetadata(descriptor);
	rows->fields = palloc0(sizeof(WireField) * (Size) (count + 1));
	rows->texts = palloc0(sizeof(char *) * (Size) (count + 1));
	rows->row = AllocSetContextCreate(CurrentMemoryContext, "rivergen row", ALLOCSET_DEFAULT_SIZES);
	return rows;
}

static void
say_where(void *argument)
{
	const RgRecordRows *rows = argument;

	errcontext("row " INT64_FORMAT " of the query", rows->number);
}

static void
store_row(RgRecordRows *rows)
{
	MemoryContext previous = MemoryContextSwitchTo(rows->row);
	HeapTuple tuple;

	for (int i = 0; i < rows->descriptor->natts; i++)
		rows->texts[i] = rows->fields[i].text;
	tuple = BuildTupleFromCStrings(rows->input, rows->texts);
	MemoryContextSwitchTo(previous);
	tuplestore_puttuple(rows->store, tuple);
	MemoryContextReset(rows->row);
}

static void
fail_broken(const char *fault)
{
	rg_fail(RG_BAD_GATEWAY, "the connector broke the protocol", fault,
			"The fault is the connector's: report it to its maker.");
}

void
rg_stream_record_add(RgRecordRows *rows, RgStreamPart *part)
{
	ErrorContextCallback context = {error_context_stack, say_where, rows};
	WireRows text;
	const char *fault;

	error_context_stack = &context;
	if (!pg_verifymbstr(part->bytes, (int) part->length, true))
		fail_broken("Rows are not UTF-8.");
	wire_rows_begin(&text, part->bytes, part->length);
	while ((fault = wire_rows_next(&text, rows->fields, rows->descriptor->natts)) == NULL && !text.ended)
	{
		rows->number++;
		store_row(rows);
	}
	if (fault != NULL)
		fail_broken(fault);
	error_context_stack = context.previous;
}
