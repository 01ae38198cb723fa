/*
 * plain_value.h — frequent values in the form that PostgreSQL's output functions give them, where that is
 * quicker to read than all that the input functions understand. Plain C, libc only.
 *
 * Each function returns false for a text of any other form: it may be a value all the same, which the input
 * function knows. What is accepted means what it means there.
 */
#ifndef RG_WIRE_PLAIN_VALUE_H
#define RG_WIRE_PLAIN_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "copy_text.h"

#define WIRE_UUID_BYTES 16

/* -12.50 has the digits -1250, the scale 2, and two whole ones: those before the point, without leading
 * zeros. */
typedef struct WireDecimal
{
	int64_t digits;
	int scale;
	int whole;
} WireDecimal;

/* A day of the years 1 to 9999, and perhaps a time of it. */
typedef struct WireMoment
{
	int year, month, day;
	int64_t microseconds; /* of the day */
	bool has_time;
	bool in_utc; /* the text ends with +00 */
} WireMoment;

/* At most 18 digits. */
extern bool wire_plain_integer(const WireField *field, int64_t *number);

/* At most 18 digits, with digits on both sides of a point, if there is one. */
extern bool wire_plain_decimal(const WireField *field, WireDecimal *decimal);

/* t or f. */
extern bool wire_plain_boolean(const WireField *field, bool *value);

/* 8-4-4-4-12 lower-case digits. */
extern bool wire_plain_uuid(const WireField *field, unsigned char bytes[WIRE_UUID_BYTES]);

/* 2020-02-29, 2020-02-29 23:59:59, 2020-02-29 23:59:59.123456, the latter two perhaps with +00. */
extern bool wire_plain_moment(const WireField *field, WireMoment *moment);

#endif
