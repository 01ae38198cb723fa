#include "connectors/elasticsearch/push.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"

/* The services' own bounds are higher. */
#define MOST_VALUES     1000
#define MOST_TERM_BYTES 8000

typedef enum PushedKind
{
	PUSHED_NOT,
	PUSHED_ID,
	PUSHED_KEYWORD,
	PUSHED_BOOLEAN,
	PUSHED_INTEGER,
	PUSHED_DOUBLE,
	PUSHED_DATE
} PushedKind;

/*
 * Text is indexed by its words, floats and scaled floats are rounded when they are, and a byte refuses
 * terms that it cannot hold.
 */
static PushedKind
kind_of(const ReadColumn *column)
{
	static const struct
	{
		const char *type;
		PushedKind kind;
	} kinds[] = {{"keyword", PUSHED_KEYWORD}, {"boolean", PUSHED_BOOLEAN}, {"short", PUSHED_INTEGER},
				 {"integer", PUSHED_INTEGER}, {"long", PUSHED_INTEGER},    {"double", PUSHED_DOUBLE},
				 {"date", PUSHED_DATE},       {"date_nanos", PUSHED_DATE}};

	if (column->field == NULL)
		return PUSHED_ID;
	if (column->is_fetched || !column->field->is_searchable || column->form == FORM_JSON)
		return PUSHED_NOT;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].type, column->field->type) == 0)
			return kinds[i].kind == PUSHED_DATE && !column->date.is_known ? PUSHED_NOT : kinds[i].kind;
	return PUSHED_NOT;
}

/* ---- values ---- */

/* Several values are one text here, which begins so, and terms each for the service. */
static bool
append_text(WireBuffer *out, const ReadColumn *column, const char *text)
{
	size_t length = strlen(text);

	if ((column->field != NULL && text[0] == '[') || length > MOST_TERM_BYTES ||
		(column->field != NULL && column->field->ignore_above >= 0 &&
		 length > (size_t) column->field->ignore_above))
		return false;
	wire_append_string(out, text, length);
	return true;
}

/* -0 is less than 0 for the service, and the same for PostgreSQL. */
static bool
append_double(WireBuffer *out, double number)
{
	char digits[40];

	if (!isfinite(number) || number == 0)
		return false;
	snprintf(digits, sizeof(digits), "%.17g", number);
	wire_append_text(out, digits);
	return true;
}

/*
 * The service keeps milliseconds of a date, or nanoseconds, and PostgreSQL microseconds: a millisecond
 * more on either side holds them all.
 */
static bool
append_date(WireBuffer *out, const char *text, int64_t change)
{
	static const DateFormat iso = {.is_known = true, .is_iso = true};
	char digits[32];
	int64_t microseconds;

	if (!date_read(&iso, text, strlen(text), &microseconds))
		return false;
	snprintf(digits, sizeof(digits), "%" PRId64,
			 microseconds / 1000 - (microseconds % 1000 < 0 ? 1 : 0) + change);
	wire_append_text(out, digits);
	return true;
}

static bool
append_value(WireBuffer *out, const ReadColumn *column, PushedKind kind, const Judge *judge, int number)
{
	switch (kind)
	{
		case PUSHED_ID:
		case PUSHED_KEYWORD:
			return append_text(out, column, judge->condition->values[number]);
		case PUSHED_BOOLEAN:
			wire_append_text(out, judge->values[number].integer != 0 ? "true" : "false");
			return true;
		case PUSHED_INTEGER:
			wire_append_integer(out, judge->values[number].integer);
			return true;
		case PUSHED_DOUBLE:
			return append_double(out, judge->values[number].number);
		default:
			return false;
	}
}

/* ---- filters ---- */

static bool
append_terms(WireBuffer *out, const ReadColumn *column, PushedKind kind, const Judge *judge)
{
	if (kind == PUSHED_DATE || judge->condition->value_count > MOST_VALUES)
		return false;
	if (kind == PUSHED_ID)
		document_literal(out, "{\"ids\":{\"values\":[");
	else
	{
		document_literal(out, "{\"terms\":{");
		document_string(out, column->name);
		document_literal(out, ":[");
	}
	for (int i = 0; i < judge->condition->value_count; i++)
	{
		document_separate(out);
		if (!append_value(out, column, kind, judge, i))
			return false;
	}
	document_literal(out, "]}}");
	return true;
}

static bool
append_bound(WireBuffer *out, const char *name, const ReadColumn *column, PushedKind kind, const Judge *judge,
			 int64_t change)
{
	document_separate(out);
	wire_append_text(out, name);
	return kind == PUSHED_DATE ? append_date(out, judge->condition->values[0], change)
							   : append_value(out, column, kind, judge, 0);
}

static bool
append_range(WireBuffer *out, const ReadColumn *column, PushedKind kind, const Judge *judge)
{
	ConditionOperator operation = judge->condition->operation;
	bool is_upper = operation == CONDITION_LESS || operation == CONDITION_LESS_OR_EQUAL;
	bool is_lower = operation == CONDITION_GREATER || operation == CONDITION_GREATER_OR_EQUAL;

	document_literal(out, "{\"range\":{");
	document_string(out, column->name);
	document_literal(out, ":{");
	if ((is_lower || operation == CONDITION_EQUAL) && !append_bound(out, "\"gte\":", column, kind, judge, -1))
		return false;
	if ((is_upper || operation == CONDITION_EQUAL) && !append_bound(out, "\"lte\":", column, kind, judge, 1))
		return false;
	if (kind == PUSHED_DATE)
		document_literal(out, ",\"format\":\"epoch_millis\"");
	document_literal(out, "}}}");
	return true;
}

/* The bounds themselves are asked for in any case: they are judged here. */
static bool
append_filter(WireBuffer *out, const ReadColumn *column, PushedKind kind, const Judge *judge)
{
	bool has_order = kind == PUSHED_INTEGER || kind == PUSHED_DOUBLE || kind == PUSHED_DATE;

	switch (judge->condition->operation)
	{
		case CONDITION_EQUAL:
			return kind == PUSHED_DATE ? append_range(out, column, kind, judge)
									   : append_terms(out, column, kind, judge);
		case CONDITION_IN:
			return append_terms(out, column, kind, judge);
		case CONDITION_LESS:
		case CONDITION_LESS_OR_EQUAL:
		case CONDITION_GREATER:
		case CONDITION_GREATER_OR_EQUAL:
			return has_order && append_range(out, column, kind, judge);
		default:
			return false;
	}
}

void
push_condition(WireBuffer *filters, const ReadColumn *column, const Judge *judge)
{
	PushedKind kind = kind_of(column);
	size_t before;

	document_separate(filters);
	before = filters->length;
	if (kind != PUSHED_NOT && append_filter(filters, column, kind, judge))
		return;
	/* Takes back what was begun, and the comma before it. */
	filters->length = before;
	if (!filters->failed && filters->data[filters->length - 1] == ',')
		filters->length--;
}
