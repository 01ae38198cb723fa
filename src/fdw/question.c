#include "question.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

#include "condition.h"
#include "stream/value.h"

static void
add_member(StringInfo text, const char *name, const char *value)
{
	appendStringInfo(text, "\"%s\": ", name);
	if (value != NULL)
		escape_json(text, value);
	else
		appendStringInfoString(text, "null");
}

static void
add_relation(StringInfo text, const RgForeignTable *table)
{
	appendStringInfoString(text, "\"relation\": {");
	add_member(text, "schema", table->schema);
	appendStringInfoString(text, ", ");
	add_member(text, "name", table->name);
	appendStringInfoString(text, ", ");
	add_member(text, "kind", table->kind);
	appendStringInfoString(text, ", ");
	add_member(text, "id", table->id);
	appendStringInfoChar(text, '}');
}

static void
add_columns(StringInfo text, const RgQuestion *question)
{
	ListCell *cell;

	appendStringInfoString(text, ", \"columns\": [");
	foreach (cell, question->columns)
	{
		if (cell != list_head(question->columns))
			appendStringInfoString(text, ", ");
		escape_json(text, rg_foreign_column_name(question->table, (AttrNumber) lfirst_int(cell)));
	}
	appendStringInfoChar(text, ']');
}

/* The name in the list of src/wire/pg_type.c: character would be character(1). */
static const char *
name_of(Oid type)
{
	if (type == BPCHAROID)
		return "bpchar";
	return type == BPCHARARRAYOID ? "bpchar[]" : format_type_be(type);
}

/* As the columns were attached: what a source without a schema says of them now may differ. */
static void
add_types(StringInfo text, const RgQuestion *question)
{
	ListCell *cell;

	appendStringInfoString(text, ", \"types\": [");
	foreach (cell, question->columns)
	{
		if (cell != list_head(question->columns))
			appendStringInfoString(text, ", ");
		escape_json(text, name_of(get_atttype(question->table->oid, (AttrNumber) lfirst_int(cell))));
	}
	appendStringInfoChar(text, ']');
}

/* ---- conditions ---- */

static char *
text_of(Oid type, Datum value)
{
	Oid function;
	bool is_varlena;

	getTypeOutputInfo(type, &function, &is_varlena);
	return OidOutputFunctionCall(function, value);
}

/* Elements that are null equal nothing. Returns false when there are no others. */
static bool
add_elements(StringInfo text, Datum list)
{
	ArrayType *array = DatumGetArrayTypeP(list);
	Oid type = ARR_ELEMTYPE(array);
	int16 length;
	bool by_value;
	char align;
	Datum *elements;
	bool *nulls;
	int count;
	int written = 0;

	get_typlenbyvalalign(type, &length, &by_value, &align);
	deconstruct_array(array, type, length, by_value, align, &elements, &nulls, &count);
	appendStringInfoString(text, ", \"values\": [");
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			continue;
		if (written++ > 0)
			appendStringInfoString(text, ", ");
		escape_json(text, text_of(type, elements[i]));
	}
	appendStringInfoChar(text, ']');
	return written > 0;
}

/* The type of the value's text: that of a narrower number is the column's. */
static bool
add_value(StringInfo text, const RgCondition *condition, Oid type, const RgConditionValue *value)
{
	if (value->is_null)
		return false;
	appendStringInfoString(text, ", ");
	add_member(text, "type", name_of(condition->type));
	if (condition->is_list)
		return add_elements(text, value->value);
	appendStringInfoString(text, ", ");
	add_member(text, "value", text_of(type, value->value));
	return true;
}

static bool
add_conditions(StringInfo text, const RgQuestion *question)
{
	const RgConditionValue *value = question->values;
	ListCell *cell;

	appendStringInfoString(text, ", \"conditions\": [");
	foreach (cell, question->conditions)
	{
		RgCondition condition;

		rg_condition_unpack(lfirst(cell), &condition);
		if (cell != list_head(question->conditions))
			appendStringInfoString(text, ", ");
		appendStringInfoChar(text, '{');
		add_member(text, "column", rg_foreign_column_name(question->table, condition.column));
		appendStringInfoString(text, ", ");
		add_member(text, "op", condition.operator);
		if (OidIsValid(condition.type) && !add_value(text, &condition, value->type, value))
			return false;
		if (OidIsValid(condition.type))
			value++;
		appendStringInfoChar(text, '}');
	}
	appendStringInfoChar(text, ']');
	return true;
}

static void
add_number(StringInfo text, const char *name, int64 number)
{
	if (number >= 0)
		appendStringInfo(text, ", \"%s\": " INT64_FORMAT, name, number);
	else
		appendStringInfo(text, ", \"%s\": null", name);
}

static bool
add_pinned_conditions(StringInfo text, const RgQuestion *question)
{
	RgValueStyle style;
	volatile bool fine = false;

	rg_value_style_pin(&style);
	PG_TRY();
	{
		fine = add_conditions(text, question);
	}
	PG_FINALLY();
	{
		rg_value_style_restore(&style);
	}
	PG_END_TRY();
	return fine;
}

char *
rg_question_text(const RgQuestion *question)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	add_relation(&text, question->table);
	add_columns(&text, question);
	add_types(&text, question);
	if (!add_pinned_conditions(&text, question))
		return NULL;
	add_number(&text, "limit", question->limit);
	add_number(&text, "sample", question->sample);
	appendStringInfoChar(&text, '}');
	return pg_server_to_any(text.data, text.len, PG_UTF8);
}
