/*
 * value_text.h — values of binary formats as PostgreSQL reads them, with its DateStyle ISO.
 */
#ifndef RG_CONNECTOR_VALUE_TEXT_H
#define RG_CONNECTOR_VALUE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

/* The shortest digits that give the same number again; NaN, Infinity, -Infinity. */
extern void value_text_real(WireBuffer *out, float number);
extern void value_text_double(WireBuffer *out, double number);

/* unscaled divided by the power of ten; scale may be negative. */
extern void value_text_decimal(WireBuffer *out, __int128 unscaled, int scale);

/* Days since 1970-01-01, in the Gregorian calendar before it was made, too. */
extern void value_text_date(WireBuffer *out, int64_t days);

/* Microseconds since midnight. */
extern void value_text_time(WireBuffer *out, int64_t microseconds);

/* Microseconds since 1970-01-01. with_zone: of UTC. */
extern void value_text_timestamp(WireBuffer *out, int64_t microseconds, bool with_zone);

/* \x and two digits for each byte */
extern void value_text_bytes(WireBuffer *out, const void *bytes, size_t length);

/* A text as an element of an array: in quotes, so that none is taken for NULL or for a part of the array. */
extern void value_text_element(WireBuffer *out, const char *bytes, size_t length);

#endif
