#include "connectors/cassandra/pushed.h"

#include <string.h>

#include "connectors/cassandra/name.h"
#include "connectors/common/compare.h"

/* Values of one IN, each of which is a partition to go to. */
#define MOST_VALUES 100

/* The server takes 64 kB for a whole key. */
#define LONGEST_TEXT 4096

#define MICROSECONDS_OF_DAY INT64_C(86400000000)

/* ---- values ---- */

/* What is in between two milliseconds is rounded down or up. */
typedef enum Rounding
{
	ROUND_NOT,
	ROUND_DOWN,
	ROUND_UP
} Rounding;

static bool
encode_number(WireBuffer *out, int64_t number, int bytes)
{
	if (bytes < 8 && (number < -(INT64_C(1) << (8 * bytes - 1)) || number >= INT64_C(1) << (8 * bytes - 1)))
		return false;
	for (int i = bytes - 1; i >= 0; i--)
		put_byte(out, (unsigned) ((uint64_t) number >> (8 * i)) & 0xff);
	return true;
}

static bool
encode_moment(WireBuffer *out, int64_t compared, Rounding rounding)
{
	int64_t microseconds = compared - COMPARED_EPOCH * MICROSECONDS_OF_DAY;
	int64_t rest = microseconds % 1000;
	int64_t milliseconds = microseconds / 1000 - (rest < 0);

	if (rest != 0 && rounding == ROUND_NOT)
		return false;
	return encode_number(out, milliseconds + (rest != 0 && rounding == ROUND_UP), 8);
}

/* Days from the middle of the unsigned numbers. */
static bool
encode_date(WireBuffer *out, int64_t days)
{
	if (days < INT32_MIN || days > INT32_MAX)
		return false;
	put_int(out, (int32_t) (uint32_t) (days - INT32_MIN));
	return true;
}

static unsigned
digit_of(char letter)
{
	return letter <= '9' ? (unsigned) (letter - '0') : (unsigned) ((letter | 0x20) - 'a' + 10);
}

static bool
encode_uuid(WireBuffer *out, const char *digits)
{
	for (int i = 0; i < 32; i += 2)
		put_byte(out, digit_of(digits[i]) << 4 | digit_of(digits[i + 1]));
	return true;
}

/* The server refuses texts that are no ASCII there, and empty keys. */
static bool
encode_text(WireBuffer *out, CqlKind kind, const char *text)
{
	size_t length = strlen(text);

	for (const char *at = text; kind == CQL_ASCII && *at; at++)
		if ((*at & 0x80) != 0)
			return false;
	if (length == 0 || length > LONGEST_TEXT || strstr(text, "\xEF\xBF\xBD") != NULL)
		return false;
	wire_append(out, text, length);
	return true;
}

/* Types of which the server and PostgreSQL have the same opinion of what is equal, and, but for uuids and
 * texts, of the order. */
static bool
encode(WireBuffer *out, CqlKind kind, const ComparedValue *value, const char *text, Rounding rounding)
{
	switch (kind)
	{
		case CQL_TINYINT:
			return encode_number(out, value->integer, 1);
		case CQL_SMALLINT:
			return encode_number(out, value->integer, 2);
		case CQL_INT:
			return encode_number(out, value->integer, 4);
		case CQL_BIGINT:
			return encode_number(out, value->integer, 8);
		case CQL_BOOLEAN:
			return encode_number(out, value->integer, 1);
		case CQL_DATE:
			return encode_date(out, value->integer - COMPARED_EPOCH);
		case CQL_TIMESTAMP:
			return encode_moment(out, value->integer, rounding);
		case CQL_UUID:
		case CQL_TIMEUUID:
			return encode_uuid(out, value->uuid);
		case CQL_ASCII:
		case CQL_TEXT:
			return encode_text(out, kind, text);
		default:
			return false;
	}
}

/* Adds the value of a condition. Returns false, without it, if it is not to be pushed. */
static bool
add_value(Statement *statement, const KeyColumn *column, const Condition *condition, int number,
		  Rounding rounding)
{
	const char *text = condition->values[number];
	ComparedKind kind = compared_kind(condition->type);
	ComparedValue value;
	WireBuffer bytes = {0};
	bool fine = strcmp(condition->type, type_in_postgresql(column->type)) == 0 &&
				compared_read(kind, text, strlen(text), &value) &&
				encode(&bytes, column->type->kind, &value, text, rounding);

	if (fine)
		statement_add(statement, bytes.data, bytes.length);
	statement->values.failed |= bytes.failed;
	wire_free(&bytes);
	return fine;
}

/* ---- conditions ---- */

/* What a statement was before something was added that is taken back. */
typedef struct Mark
{
	size_t text;
	size_t values;
	int value_count;
} Mark;

static Mark
mark(const Statement *statement)
{
	return (Mark){statement->text.length, statement->values.length, statement->value_count};
}

static bool
take_back(Statement *statement, Mark before)
{
	statement->text.length = before.text;
	statement->values.length = before.values;
	statement->value_count = before.value_count;
	return false;
}

static void
append_column(Statement *statement, const KeyColumn *column, const char *operation)
{
	wire_append_text(&statement->text, statement->value_count == 0 ? " WHERE " : " AND ");
	name_append_quoted(&statement->text, column->name);
	wire_append_text(&statement->text, operation);
}

static bool
push_equal(Statement *statement, const KeyColumn *column, const Condition *condition)
{
	Mark before = mark(statement);

	append_column(statement, column, " = ?");
	return add_value(statement, column, condition, 0, ROUND_NOT) || take_back(statement, before);
}

static bool
push_in(Statement *statement, const KeyColumn *column, const Condition *condition)
{
	Mark before = mark(statement);

	if (condition->value_count > MOST_VALUES)
		return false;
	append_column(statement, column, " IN (");
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(&statement->text, i == 0 ? "?" : ", ?");
		if (!add_value(statement, column, condition, i, ROUND_NOT))
			return take_back(statement, before);
	}
	wire_append_text(&statement->text, ")");
	return true;
}

/* Pushes a condition that leaves one value of the column, or, if that is allowed, a few. */
static bool
push_values(Statement *statement, const ReadRequest *request, const KeyColumn *column, bool *may_have_in)
{
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];

		if (strcmp(condition->column, column->name) != 0)
			continue;
		if (condition->operation == CONDITION_EQUAL && push_equal(statement, column, condition))
			return true;
		if (*may_have_in && condition->operation == CONDITION_IN && push_in(statement, column, condition))
		{
			*may_have_in = false;
			return true;
		}
	}
	return false;
}

static bool
has_order(CqlKind kind)
{
	return kind == CQL_TINYINT || kind == CQL_SMALLINT || kind == CQL_INT || kind == CQL_BIGINT ||
		   kind == CQL_DATE || kind == CQL_TIMESTAMP;
}

/* Pushes the first bound of a side, wide enough for values between two of the server's. */
static void
push_bound(Statement *statement, const ReadRequest *request, const KeyColumn *column, bool is_lower)
{
	for (int i = 0; i < request->condition_count; i++)
	{
		const Condition *condition = &request->conditions[i];
		ConditionOperator operation = condition->operation;
		bool is_of_side = is_lower ? operation == CONDITION_GREATER || operation == CONDITION_GREATER_OR_EQUAL
								   : operation == CONDITION_LESS || operation == CONDITION_LESS_OR_EQUAL;
		Mark before = mark(statement);

		if (!is_of_side || strcmp(condition->column, column->name) != 0)
			continue;
		append_column(statement, column, is_lower ? " >= ?" : " <= ?");
		if (add_value(statement, column, condition, 0, is_lower ? ROUND_DOWN : ROUND_UP))
			return;
		take_back(statement, before);
	}
}

void
pushed_append(Statement *statement, const ReadRequest *request, const KeyColumn *key, int count)
{
	Mark before = mark(statement);
	bool may_have_in = true;
	int i = 0;

	for (; i < count && key[i].is_partition; i++)
		if (!push_values(statement, request, &key[i], &may_have_in))
		{
			take_back(statement, before);
			return;
		}
	may_have_in = false;
	while (i < count && push_values(statement, request, &key[i], &may_have_in))
		i++;
	if (i < count && has_order(key[i].type->kind))
	{
		push_bound(statement, request, &key[i], true);
		push_bound(statement, request, &key[i], false);
	}
}
