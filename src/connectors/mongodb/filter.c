/*
 * filter.c — the source compares values within their type, and numbers of all types with one another; what
 * counts is the value's text in the type of the column. So a filter does not ask for the values that fulfil a
 * condition. It rules out those of the expected type that do not: not less than one bound, not greater than
 * another. Values of other types, and NaN, pass, and are judged by the connector. The source can use an index
 * for that.
 */
#include "connectors/mongodb/filter.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/compare.h"

/* Of a list: a filter for each. */
#define MOST_VALUES 20

bool
filter_takes_name(const char *name)
{
	return name[0] != '\0' && name[0] != '$' && strchr(name, '.') == NULL;
}

/* ---- bounds ---- */

/* No value of this type that has the text lies outside of these. */
typedef struct Bounds
{
	bson_value_t lower;
	bson_value_t upper;
	uint8_t uuid[16];
} Bounds;

/* The texts of doubles and decimals may be a little less or more than they are: the bounds are the next
 * doubles. */
static bool
take_number(const char *text, Bounds *bounds)
{
	char *end;
	double number = strtod(text, &end);

	if (*end != '\0' || end == text || !isfinite(number))
		return false;
	bounds->lower.value_type = bounds->upper.value_type = BSON_TYPE_DOUBLE;
	bounds->lower.value.v_double = nextafter(number, -INFINITY);
	bounds->upper.value.v_double = nextafter(number, INFINITY);
	return true;
}

static bool
take_integer(const char *text, Bounds *bounds)
{
	char *end;

	errno = 0;
	bounds->lower.value_type = bounds->upper.value_type = BSON_TYPE_INT64;
	bounds->lower.value.v_int64 = bounds->upper.value.v_int64 = strtoll(text, &end, 10);
	return *end == '\0' && end != text && errno == 0;
}

/* The source has milliseconds. */
static bool
take_date(const char *text, Bounds *bounds)
{
	static const char beginning[] = "1970-01-01 00:00:00+00";
	ComparedValue epoch;
	ComparedValue value;
	int64_t milliseconds;

	if (!compared_read(COMPARED_TIMESTAMPTZ, text, strlen(text), &value) ||
		!compared_read(COMPARED_TIMESTAMPTZ, beginning, strlen(beginning), &epoch))
		return false;
	milliseconds = (value.integer - epoch.integer) / 1000;
	bounds->lower.value_type = bounds->upper.value_type = BSON_TYPE_DATE_TIME;
	bounds->lower.value.v_datetime = milliseconds - 1;
	bounds->upper.value.v_datetime = milliseconds + 1;
	return true;
}

static bool
take_boolean(const char *text, Bounds *bounds)
{
	ComparedValue value;

	bounds->lower.value_type = bounds->upper.value_type = BSON_TYPE_BOOL;
	if (!compared_read(COMPARED_BOOLEAN, text, strlen(text), &value))
		return false;
	bounds->lower.value.v_bool = bounds->upper.value.v_bool = value.integer != 0;
	return true;
}

static int
digit_of(char digit)
{
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* The source's order of uuids is another one. */
static bool
take_uuid(const char *text, Bounds *bounds)
{
	ComparedValue value;

	if (!compared_read(COMPARED_UUID, text, strlen(text), &value))
		return false;
	for (int i = 0; i < 16; i++)
		bounds->uuid[i] = (uint8_t) (digit_of(value.uuid[2 * i]) << 4 | digit_of(value.uuid[2 * i + 1]));
	bounds->lower.value_type = BSON_TYPE_BINARY;
	bounds->lower.value.v_binary.subtype = BSON_SUBTYPE_UUID;
	bounds->lower.value.v_binary.data = bounds->uuid;
	bounds->lower.value.v_binary.data_len = sizeof(bounds->uuid);
	bounds->upper = bounds->lower;
	return true;
}

/* A text that may be that of an array says nothing of its elements, which are what the source compares. */
static bool
take_text(const char *text, Bounds *bounds)
{
	if (text[0] == '[')
		return false;
	bounds->lower.value_type = BSON_TYPE_UTF8;
	bounds->lower.value.v_utf8.str = (char *) (uintptr_t) text;
	bounds->lower.value.v_utf8.len = (uint32_t) strlen(text);
	bounds->upper = bounds->lower;
	return true;
}

static bool
take_object_id(const char *text, Bounds *bounds)
{
	if (!bson_oid_is_valid(text, strlen(text)))
		return false;
	bounds->lower.value_type = BSON_TYPE_OID;
	bson_oid_init_from_string(&bounds->lower.value.v_oid, text);
	bounds->upper = bounds->lower;
	return true;
}

static bool
take_bounds(ComparedKind kind, const char *text, Bounds *bounds)
{
	switch (kind)
	{
		case COMPARED_INTEGER:
			return take_integer(text, bounds);
		case COMPARED_NUMERIC:
		case COMPARED_REAL:
		case COMPARED_DOUBLE:
			return take_number(text, bounds);
		case COMPARED_TIMESTAMPTZ:
			return take_date(text, bounds);
		case COMPARED_BOOLEAN:
			return take_boolean(text, bounds);
		case COMPARED_UUID:
			return take_uuid(text, bounds);
		case COMPARED_TEXT:
			return take_text(text, bounds);
		default:
			return false;
	}
}

/* ---- clauses ---- */

/* Elements of an array of BSON. */
typedef struct Clauses
{
	bson_t array;
	uint32_t count;
} Clauses;

static void
clauses_add(Clauses *clauses, const bson_t *clause)
{
	char digits[16];
	const char *key;
	size_t length = bson_uint32_to_string(clauses->count++, &key, digits, sizeof(digits));

	bson_append_document(&clauses->array, key, (int) length, clause);
}

static void
add_not(Clauses *clauses, const char *name, const char *operator, const bson_value_t * bound)
{
	bson_t clause = BSON_INITIALIZER;
	bson_t negated;
	bson_t compared;

	BSON_APPEND_DOCUMENT_BEGIN(&clause, name, &negated);
	BSON_APPEND_DOCUMENT_BEGIN(&negated, "$not", &compared);
	BSON_APPEND_VALUE(&compared, operator, bound);
	bson_append_document_end(&negated, &compared);
	bson_append_document_end(&clause, &negated);
	clauses_add(clauses, &clause);
	bson_destroy(&clause);
}

static void
add_not_null(Clauses *clauses, const char *name)
{
	bson_t clause = BSON_INITIALIZER;
	bson_t compared;

	BSON_APPEND_DOCUMENT_BEGIN(&clause, name, &compared);
	BSON_APPEND_NULL(&compared, "$ne");
	bson_append_document_end(&clause, &compared);
	clauses_add(clauses, &clause);
	bson_destroy(&clause);
}

static void
add_bounds(Clauses *clauses, const char *name, ConditionOperator operation, const Bounds *bounds)
{
	bool is_equal = operation == CONDITION_EQUAL || operation == CONDITION_IN;

	if (is_equal || operation == CONDITION_GREATER || operation == CONDITION_GREATER_OR_EQUAL)
		add_not(clauses, name, "$lt", &bounds->lower);
	if (is_equal || operation == CONDITION_LESS || operation == CONDITION_LESS_OR_EQUAL)
		add_not(clauses, name, "$gt", &bounds->upper);
}

/* Returns false if nothing can be said of the value. */
static bool
add_value(Clauses *clauses, const Condition *condition, const char *text)
{
	ComparedKind kind = compared_kind(condition->type);
	Bounds bounds = {.lower = {.value_type = BSON_TYPE_EOD}};

	if (!take_bounds(kind, text, &bounds))
		return false;
	add_bounds(clauses, condition->column, condition->operation, &bounds);
	if (kind == COMPARED_TEXT && take_object_id(text, &bounds))
		add_bounds(clauses, condition->column, condition->operation, &bounds);
	else if (kind != COMPARED_TEXT)
		add_not_null(clauses, condition->column);
	return true;
}

static bool
add_values(Clauses *clauses, const Condition *condition)
{
	Clauses any = {.array = BSON_INITIALIZER};
	bson_t clause = BSON_INITIALIZER;
	bool fine = condition->value_count <= MOST_VALUES;

	for (int i = 0; fine && i < condition->value_count; i++)
	{
		Clauses all = {.array = BSON_INITIALIZER};
		bson_t equal = BSON_INITIALIZER;

		fine = add_value(&all, condition, condition->values[i]);
		BSON_APPEND_ARRAY(&equal, "$and", &all.array);
		clauses_add(&any, &equal);
		bson_destroy(&equal);
		bson_destroy(&all.array);
	}
	BSON_APPEND_ARRAY(&clause, "$or", &any.array);
	if (fine)
		clauses_add(clauses, &clause);
	bson_destroy(&clause);
	bson_destroy(&any.array);
	return fine;
}

static void
add_presence(Clauses *clauses, const Condition *condition)
{
	bson_t clause = BSON_INITIALIZER;
	bson_t compared;

	if (condition->operation == CONDITION_NULL)
		BSON_APPEND_NULL(&clause, condition->column);
	else
	{
		BSON_APPEND_DOCUMENT_BEGIN(&clause, condition->column, &compared);
		BSON_APPEND_BOOL(&compared, "$exists", true);
		bson_append_document_end(&clause, &compared);
	}
	clauses_add(clauses, &clause);
	bson_destroy(&clause);
}

static bool
has_order(ConditionOperator operation)
{
	return operation != CONDITION_EQUAL && operation != CONDITION_IN;
}

static void
add_condition(Clauses *clauses, const Condition *condition)
{
	ComparedKind kind;

	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
	{
		add_presence(clauses, condition);
		return;
	}
	if (condition->operation == CONDITION_UNKNOWN || condition->operation == CONDITION_NOT_EQUAL)
		return;
	kind = compared_kind(condition->type);
	if (has_order(condition->operation) && (kind == COMPARED_UUID || kind == COMPARED_TEXT))
		return;
	if (kind == COMPARED_TEXT && condition_has_replacement(condition))
		return;
	if (condition->operation == CONDITION_IN)
		(void) add_values(clauses, condition);
	else
		(void) add_value(clauses, condition, condition->values[0]);
}

void
filter_append(bson_t *filter, const Condition *conditions, int count)
{
	Clauses clauses = {.array = BSON_INITIALIZER};

	for (int i = 0; i < count; i++)
		if (filter_takes_name(conditions[i].column))
			add_condition(&clauses, &conditions[i]);
	if (clauses.count > 0)
		BSON_APPEND_ARRAY(filter, "$and", &clauses.array);
	bson_destroy(&clauses.array);
}
