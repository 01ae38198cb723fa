#include "rows.h"

#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "error.h"
#include "stream/value_fault.h"
#include "wire/mask.h"

/* A source with many faults would fill the log. */
#define MAX_WARNINGS 10

static void
say_where(void *argument)
{
	const RgRows *rows = argument;

	if (rows->position >= 0)
		errcontext("column \"%s\" of foreign table \"%s\", row %lld",
				   NameStr(TupleDescAttr(rows->descriptor, rows->columns[rows->position] - 1)->attname),
				   rows->table, (long long) rows->number);
	else if (rows->number > 0)
		errcontext("foreign table \"%s\", after row %lld", rows->table, (long long) rows->number);
	else
		errcontext("foreign table \"%s\"", rows->table);
}

RgRows *
rg_rows_begin(const RgForeignTable *table, TupleDesc descriptor, List *columns)
{
	RgRows *rows = palloc0(sizeof(RgRows));
	ListCell *cell;

	rows->foreign = table;
	rows->table = get_rel_name(table->oid);
	rows->descriptor = descriptor;
	rows->faults_become_null = table->faults_become_null;
	rows->position = -1;
	rows->columns = palloc0(sizeof(AttrNumber) * (Size) (list_length(columns) + 1));
	rows->is_private = palloc0(sizeof(bool) * (Size) (list_length(columns) + 1));
	rows->types = palloc0(sizeof(RgValueType) * (Size) (list_length(columns) + 1));
	rows->fields = palloc0(sizeof(WireField) * (Size) (list_length(columns) + 1));
	foreach (cell, columns)
	{
		Form_pg_attribute column = TupleDescAttr(descriptor, lfirst_int(cell) - 1);

		rows->columns[rows->count] = column->attnum;
		rg_value_type_init(&rows->types[rows->count], column->atttypid, column->atttypmod);
		if (rows->faults_become_null)
			rows->types[rows->count].plain = rg_value_is_plain(column->atttypid);
		rows->count++;
	}
	return rows;
}

void
rg_rows_add(RgRows *rows, RgStreamPart *part)
{
	bool fine = rg_value_is_fine(part->bytes, part->length);

	rows->left = part->rows;
	for (int i = 0; i < rows->count; i++)
		rows->types[i].checked = fine;
	wire_rows_begin(&rows->text, part->bytes, part->length);
}

static void
fail_broken(const char *fault)
{
	rg_fail(RG_BAD_GATEWAY, "the connector broke the protocol", fault,
			"The fault is the connector's: report it to its maker.");
}

/* Takes the row's fields; false when the frame has no row left. */
static bool
take_fields(RgRows *rows)
{
	const char *fault;

	/* Without columns only the number of rows is sent. */
	if (rows->count == 0)
		return rows->left-- > 0;
	if ((fault = wire_rows_next(&rows->text, rows->fields, rows->count)) != NULL)
		fail_broken(fault);
	if (rows->text.ended != (rows->left == 0))
		fail_broken("A frame has another number of rows than it says.");
	return rows->left-- > 0;
}

static void
warn(RgRows *rows, const char *fault)
{
	rows->faults++;
	if (rows->faults <= MAX_WARNINGS)
		ereport(WARNING,
				(errcode(ERRCODE_DATA_EXCEPTION), errmsg("a value was read as null: %s", fault),
				 rows->faults == MAX_WARNINGS ? errdetail("This scan reports no more such values.") : 0));
}

/* ---- masks ---- */

static void
mask(RgRows *rows)
{
	rows->masks = true;
	for (int i = 0; i < rows->count; i++)
		rows->is_private[i] =
			wire_name_looks_private(rg_foreign_column_name(rows->foreign, rows->columns[i]));
}

static bool
is_masked(const RgRows *rows, int position)
{
	return rows->masks &&
		   (rows->is_private[position] || wire_value_looks_private(rows->fields[position].text));
}

/* The mask where the type is a text with room for it, and NULL elsewhere. */
static Datum
masked_value(RgValueType *type, bool *is_null)
{
	bool is_text = type->type == TEXTOID || type->type == VARCHAROID || type->type == BPCHAROID;

	*is_null = !is_text || (type->modifier >= 0 && type->modifier < VARHDRSZ + (int) strlen(MASK));
	if (*is_null)
		return (Datum) 0;
	return InputFunctionCall(&type->input, MASK, type->parameter, type->modifier);
}

/* ---- values ---- */

/* A domain may refuse it; the input functions of other types are strict. */
static void
check_null(const RgRows *rows, RgValueType *type)
{
	if (!rows->faults_become_null && !type->input.fn_strict)
		InputFunctionCall(&type->input, NULL, type->parameter, type->modifier);
}

static Datum
read_value(RgRows *rows, int position, bool *is_null)
{
	RgValueType *type = &rows->types[position];
	const WireField *field = &rows->fields[position];
	const char *fault;
	Datum value = (Datum) 0;

	*is_null = field->text == NULL;
	if (*is_null)
	{
		check_null(rows, type);
		return value;
	}
	if (is_masked(rows, position))
		return masked_value(type, is_null);
	if (!rows->faults_become_null)
		return rg_value_read(type, field);
	if (!rg_value_read_or_fault(type, field, &value, &fault))
	{
		warn(rows, fault);
		*is_null = true;
	}
	return value;
}

static bool
next_row(RgRows *rows, Datum *values, bool *nulls)
{
	rows->position = -1;
	if (!take_fields(rows))
		return false;
	rows->number++;
	memset(nulls, true, (Size) rows->descriptor->natts);
	for (rows->position = 0; rows->position < rows->count; rows->position++)
	{
		int index = rows->columns[rows->position] - 1;

		values[index] = read_value(rows, rows->position, &nulls[index]);
	}
	rows->position = -1;
	return true;
}

bool
rg_rows_next(RgRows *rows, Datum *values, bool *nulls)
{
	ErrorContextCallback context = {error_context_stack, say_where, rows};
	RgValueStyle style;
	volatile bool found = false;

	error_context_stack = &context;
	rg_value_style_pin(&style);
	PG_TRY();
	{
		found = next_row(rows, values, nulls);
	}
	PG_FINALLY();
	{
		rg_value_style_restore(&style);
	}
	PG_END_TRY();
	error_context_stack = context.previous;
	return found;
}

void
rg_rows_receive(RgRows *rows, RgStream *stream, RgStreamPart *part)
{
	ErrorContextCallback context = {error_context_stack, say_where, rows};

	error_context_stack = &context;
	rg_stream_next(stream, part);
	if (part->kind == RG_STREAM_HEAD && part->masked)
		mask(rows);
	error_context_stack = context.previous;
}
