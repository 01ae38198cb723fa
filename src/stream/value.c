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
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/float.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
#include "utils/xml.h"

#include "compat.h"
#include "wire/plain_value.h"

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
read_integer(const WireField *field, int64 least, int64 most, int64 *number)
{
	return wire_plain_integer(field, number) && *number >= least && *number <= most;
}

/* Does the modifier leave the value as it is? The type then is numeric(precision, scale). */
static bool
fits_numeric(const WireDecimal *decimal, int32 modifier)
{
	int precision = (modifier - VARHDRSZ) >> 16;
	int scale = (modifier - VARHDRSZ) & 0x7ff;

	return modifier < 0 || (decimal->scale == scale && decimal->whole <= precision - scale);
}

static bool
read_numeric(const RgValueType *type, const WireField *field, Datum *value)
{
	WireDecimal decimal;

	if (!wire_plain_decimal(field, &decimal) || !fits_numeric(&decimal, type->modifier))
		return false;
	*value = NumericGetDatum(int64_div_fast_to_numeric(decimal.digits, decimal.scale));
	return true;
}

static bool
read_uuid(const WireField *field, Datum *value)
{
	unsigned char bytes[WIRE_UUID_BYTES];
	pg_uuid_t *uuid;

	if (!wire_plain_uuid(field, bytes))
		return false;
	uuid = palloc(sizeof(pg_uuid_t));
	memcpy(uuid->data, bytes, sizeof(bytes));
	*value = UUIDPGetDatum(uuid);
	return true;
}

static bool
read_date(const WireField *field, Datum *value)
{
	WireMoment moment;

	if (!wire_plain_moment(field, &moment) || moment.has_time)
		return false;
	*value = DateADTGetDatum(date2j(moment.year, moment.month, moment.day) - POSTGRES_EPOCH_JDATE);
	return true;
}

/* in_utc: with a time zone, which is that one. */
static bool
read_timestamp(const RgValueType *type, const WireField *field, bool in_utc, Datum *value)
{
	WireMoment moment;
	int64 day;

	if (type->modifier >= 0 || !wire_plain_moment(field, &moment) || !moment.has_time ||
		moment.in_utc != in_utc)
		return false;
	day = date2j(moment.year, moment.month, moment.day) - POSTGRES_EPOCH_JDATE;
	*value = TimestampGetDatum(day * USECS_PER_DAY + moment.microseconds);
	return true;
}

/* The characters of a text are no more than its bytes. */
static bool
read_text(const RgValueType *type, const WireField *field, Datum *value)
{
	if (!type->checked || (type->modifier >= 0 && field->length > (size_t) type->modifier - VARHDRSZ))
		return false;
	*value = PointerGetDatum(cstring_to_text_with_len(field->text, (int) field->length));
	return true;
}

bool
rg_value_read_fast(const RgValueType *type, const WireField *field, Datum *value)
{
	int64 number;
	bool truth;

	switch (type->type)
	{
		case INT8OID:
			if (!read_integer(field, PG_INT64_MIN, PG_INT64_MAX, &number))
				return false;
			*value = Int64GetDatum(number);
			return true;
		case INT4OID:
			if (!read_integer(field, PG_INT32_MIN, PG_INT32_MAX, &number))
				return false;
			*value = Int32GetDatum((int32) number);
			return true;
		case INT2OID:
			if (!read_integer(field, PG_INT16_MIN, PG_INT16_MAX, &number))
				return false;
			*value = Int16GetDatum((int16) number);
			return true;
		case BOOLOID:
			if (!wire_plain_boolean(field, &truth))
				return false;
			*value = BoolGetDatum(truth);
			return true;
		case NUMERICOID:
			return read_numeric(type, field, value);
		case UUIDOID:
			return read_uuid(field, value);
		case DATEOID:
			return read_date(field, value);
		case TIMESTAMPOID:
			return read_timestamp(type, field, false, value);
		case TIMESTAMPTZOID:
			return read_timestamp(type, field, true, value);
		case TEXTOID:
		case VARCHAROID:
			return read_text(type, field, value);
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
