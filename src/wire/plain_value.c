/* A field ends with a NUL byte, which is no part of any form: where a byte is as it must be, the next one is
 * there. */
#include "plain_value.h"

#define SURE_DIGITS 18

/* ---- numbers ---- */

/* The digits from *at on; returns how many, and moves *at behind them. */
static int
take_digits(const char **at, int most, int64_t *sum)
{
	const char *from = *at;
	unsigned char digit;

	for (; *at - from < most && (digit = (unsigned char) (**at - '0')) <= 9; (*at)++)
		*sum = *sum * 10 + digit;
	return (int) (*at - from);
}

bool
wire_plain_integer(const WireField *field, int64_t *number)
{
	const char *at = field->text;
	const char *end = field->text + field->length;
	bool negative = *at == '-';
	int64_t sum = 0;

	at += negative;
	if (take_digits(&at, SURE_DIGITS, &sum) == 0 || at != end)
		return false;
	*number = negative ? -sum : sum;
	return true;
}

bool
wire_plain_decimal(const WireField *field, WireDecimal *decimal)
{
	const char *at = field->text;
	const char *end = field->text + field->length;
	bool negative = *at == '-';
	int64_t sum = 0;

	at += negative;
	decimal->whole = take_digits(&at, SURE_DIGITS, &sum);
	if (decimal->whole == 0)
		return false;
	for (const char *zero = at - decimal->whole; zero < at && *zero == '0'; zero++)
		decimal->whole--;
	decimal->scale = 0;
	if (*at == '.')
	{
		const char *point = at++;

		decimal->scale = take_digits(&at, SURE_DIGITS - (int) (point - field->text - negative), &sum);
		if (decimal->scale == 0)
			return false;
	}
	decimal->digits = negative ? -sum : sum;
	return at == end;
}

bool
wire_plain_boolean(const WireField *field, bool *value)
{
	*value = field->text[0] == 't';
	return field->length == 1 && (*value || field->text[0] == 'f');
}

/* ---- uuid ---- */

bool
wire_plain_uuid(const WireField *field, unsigned char bytes[WIRE_UUID_BYTES])
{
	const unsigned char *at = (const unsigned char *) field->text;
	bool fine = field->length == 36 && at[8] == '-' && at[13] == '-' && at[18] == '-' && at[23] == '-';

	for (int i = 0; fine && i < WIRE_UUID_BYTES; i++)
	{
		unsigned value = 0;

		at += i == 4 || i == 6 || i == 8 || i == 10;
		/* Without branches, since digits and letters are mixed by chance. */
		for (int end = 2; end > 0; end--, at++)
		{
			fine &= ((unsigned) (*at - '0') <= 9) | ((unsigned) (*at - 'a') <= 5);
			value = value << 4 | ((*at & 15u) + (*at >> 6) * 9u);
		}
		bytes[i] = (unsigned char) value;
	}
	return fine;
}

/* ---- dates and times ---- */

static bool
take_number(const char **at, int length, int *number)
{
	int64_t sum = 0;
	bool fine = take_digits(at, length, &sum) == length;

	*number = (int) sum;
	return fine;
}

static bool
take_mark(const char **at, char mark)
{
	bool fine = **at == mark;

	*at += fine;
	return fine;
}

static int
days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (is_leap && month == 2);
}

static bool
take_day(const char **at, WireMoment *moment)
{
	return take_number(at, 4, &moment->year) && take_mark(at, '-') && take_number(at, 2, &moment->month) &&
		   take_mark(at, '-') && take_number(at, 2, &moment->day) && moment->year >= 1 &&
		   moment->month >= 1 && moment->month <= 12 && moment->day >= 1 &&
		   moment->day <= days_of(moment->year, moment->month);
}

/* At most six digits behind a point, as microseconds. */
static bool
take_fraction(const char **at, int64_t *fraction)
{
	int digits;

	*fraction = 0;
	if (!take_mark(at, '.'))
		return true;
	digits = take_digits(at, 6, fraction);
	for (int i = digits; i < 6; i++)
		*fraction *= 10;
	return digits > 0;
}

static bool
take_time(const char **at, int64_t *microseconds)
{
	int hour, minute, second;
	int64_t fraction;

	if (!take_number(at, 2, &hour) || !take_mark(at, ':') || !take_number(at, 2, &minute) ||
		!take_mark(at, ':') || !take_number(at, 2, &second) || !take_fraction(at, &fraction))
		return false;
	*microseconds = (hour * INT64_C(3600) + minute * 60 + second) * 1000000 + fraction;
	return hour <= 23 && minute <= 59 && second <= 59;
}

/* Nothing, or +00. */
static bool
take_zone(const char **at, bool *in_utc)
{
	*in_utc = take_mark(at, '+');
	return !*in_utc || (take_mark(at, '0') && take_mark(at, '0'));
}

bool
wire_plain_moment(const WireField *field, WireMoment *moment)
{
	const char *at = field->text;
	const char *end = field->text + field->length;

	*moment = (WireMoment){0};
	if (!take_day(&at, moment))
		return false;
	moment->has_time = take_mark(&at, ' ');
	if (moment->has_time && (!take_time(&at, &moment->microseconds) || !take_zone(&at, &moment->in_utc)))
		return false;
	return at == end;
}
