/*
 * date_format.h — dates as documents have them, which the format of their field decides.
 */
#ifndef RG_ELASTICSEARCH_DATE_FORMAT_H
#define RG_ELASTICSEARCH_DATE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct DateFormat
{
	bool is_known; /* all of its alternatives are */
	bool is_day;   /* without a time of day */
	bool is_iso;
	bool is_milliseconds; /* since 1970 */
	bool is_seconds;
} DateFormat;

/* NULL: the format that a field has without one. */
extern DateFormat date_format_of(const char *format);

/* Microseconds since 1970 in UTC; what is finer is left out. Returns false if the text is no such date. */
extern bool date_read(const DateFormat *format, const char *text, size_t length, int64_t *microseconds);

#endif
