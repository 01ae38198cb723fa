/*
 * value.c — types that are frequent and simple are read here, when the bytes are as their output
 * functions write them; all else is left to the type's input function, which also words every error.
 */
#include "stream/value.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/uuid.h"
#include "utils/xml.h"

#include "compat.h"

#define INT8_SURE_DIGITS 18

void
rg_value_type_init(RgValueType *type, Oid oid, int32 modifier)
{
	Oid function;

	type->type = oid;
	type->modifier = modifier;
	type->checked = false;
	type->plain = false;
	getTypeInputInfo(oid, &function, &type->parameter);
	fmgr_info(function, &type->input);
}

bool
rg_value_is_fine(const char *bytes, size_t length)
{
	int encoding = GetDatabaseEncoding();

	/* The server's function for SQL_ASCII would look for NUL bytes only. */
	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII)
		return false;
	return pg_verify_mbstr(PG_UTF8, bytes, (int) length, true);
}

/* ---- fast ways ---- */

static bool
parse_integer(const WireField *field, int64 least, int64 most, int64 *number)
{
	const char *at = field->text;
	const char *end = at + field->length;
	bool negative = at < end && *at == '-';
	int64 sum = 0;

	if (negative)
		at++;
	if (at == end || end - at > INT8_SURE_DIGITS)
		return false;
	for (; at < end; at++)
	{
		unsigned char digit = (unsigned char) (*at - '0');

		if (digit > 9)
			return false;
		sum = sum * 10 + digit;
	}
	*number = negative ? -sum : sum;
	return *number >= least && *number <= most;
}

static int
hex_digit(char letter)
{
	if (letter >= '0' && letter <= '9')
		return letter - '0';
	if (letter >= 'a' && letter <= 'f')
		return letter - 'a' + 10;
	return -1;
}

/* 8-4-4-4-12 lower-case digits. */
static bool
parse_uuid(const WireField *field, Datum *value)
{
	const char *at = field->text;
	unsigned char bytes[UUID_LEN];
	pg_uuid_t *uuid;

	if (field->length != 36 || at[8] != '-' || at[13] != '-' || at[18] != '-' || at[23] != '-')
		return false;
	for (int i = 0; i < UUID_LEN; i++, at += 2)
	{
		int high, low;

		if (i == 4 || i == 6 || i == 8 || i == 10)
			at++;
		high = hex_digit(at[0]);
		low = hex_digit(at[1]);
		if ((high | low) < 0)
			return false;
		bytes[i] = (unsigned char) (high << 4 | low);
	}
	uuid = palloc(sizeof(pg_uuid_t));
	memcpy(uuid->data, bytes, UUID_LEN);
	*value = UUIDPGetDatum(uuid);
	return true;
}

static bool
parse_boolean(const WireField *field, Datum *value)
{
	if (field->length != 1 || (field->text[0] != 't' && field->text[0] != 'f'))
		return false;
	*value = BoolGetDatum(field->text[0] == 't');
	return true;
}

bool
rg_value_read_fast(const RgValueType *type, const WireField *field, Datum *value)
{
	int64 number;

	switch (type->type)
	{
		case INT8OID:
			if (!parse_integer(field, PG_INT64_MIN, PG_INT64_MAX, &number))
				return false;
			*value = Int64GetDatum(number);
			return true;
		case INT4OID:
			if (!parse_integer(field, PG_INT32_MIN, PG_INT32_MAX, &number))
				return false;
			*value = Int32GetDatum((int32) number);
			return true;
		case INT2OID:
			if (!parse_integer(field, PG_INT16_MIN, PG_INT16_MAX, &number))
				return false;
			*value = Int16GetDatum((int16) number);
			return true;
		case BOOLOID:
			return parse_boolean(field, value);
		case UUIDOID:
			return parse_uuid(field, value);
		case TEXTOID:
			if (!type->checked)
				return false;
			*value = PointerGetDatum(cstring_to_text_with_len(field->text, (int) field->length));
			return true;
		default:
			return false;
	}
}

/* ---- the input function's way ---- */

/* The text in the database's encoding; fails if it is no UTF-8, or has a character that the database lacks.
 */
static char *
server_text(const RgValueType *type, const WireField *field)
{
	if (type->checked)
		return field->text;
	pg_verify_mbstr(PG_UTF8, field->text, (int) field->length, false);
	return pg_any_to_server(field->text, (int) field->length, PG_UTF8);
}

Datum
rg_value_read_by_input(RgValueType *type, const WireField *field)
{
	return InputFunctionCall(&type->input, server_text(type, field), type->parameter, type->modifier);
}

Datum
rg_value_read(RgValueType *type, const WireField *field)
{
	Datum value;

	return rg_value_read_fast(type, field, &value) ? value : rg_value_read_by_input(type, field);
}

/* ---- styles ---- */

void
rg_value_style_pin(RgValueStyle *saved)
{
	static pg_tz *zone = NULL;

	*saved = (RgValueStyle){DateStyle,          DateOrder,   IntervalStyle,   xmloption,
							extra_float_digits, Array_nulls, session_timezone};
	DateStyle = USE_ISO_DATES;
	DateOrder = DATEORDER_YMD;
	IntervalStyle = INTSTYLE_POSTGRES;
	xmloption = XMLOPTION_CONTENT;
	extra_float_digits = 3;
	Array_nulls = true;
	if (zone == NULL)
		zone = pg_tzset("GMT");
	session_timezone = zone;
}

void
rg_value_style_restore(const RgValueStyle *saved)
{
	DateStyle = saved->date_style;
	DateOrder = saved->date_order;
	IntervalStyle = saved->interval_style;
	xmloption = saved->xml_option;
	extra_float_digits = saved->float_digits;
	Array_nulls = saved->array_nulls;
	session_timezone = saved->time_zone;
}
