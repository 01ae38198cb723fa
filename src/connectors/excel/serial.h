/*
 * serial.h — numbers of cells, and the dates and times that they stand for. Texts end with a zero byte.
 */
#ifndef RG_EXCEL_SERIAL_H
#define RG_EXCEL_SERIAL_H

#include "connectors/excel/cell.h"

/* How a number format shows numbers. */
typedef enum NumberFormat
{
	FORMAT_NUMBER,
	FORMAT_DATE,
	FORMAT_TIME,
	FORMAT_DATETIME,
	FORMAT_DURATION
} NumberFormat;

/* The format that has this number in every workbook. */
extern NumberFormat format_of_number(int number);

/* The format that is written like this. */
extern NumberFormat format_of_code(const char *code);

/* Adds the cell. from_1904: days are counted from 1904-01-01. */
extern void serial_add(SheetRow *row, int column, double value, NumberFormat format, bool from_1904);

/* Adds a number by its text, as XML has it; what is none becomes a text. */
extern void
number_add(SheetRow *row, int column, const char *text, size_t length, NumberFormat format, bool from_1904);

/* Adds a date or time that is written as ISO 8601 says; what is none becomes a text. */
extern void iso_add(SheetRow *row, int column, const char *text, size_t length);

/* Adds a duration such as PT26H30M00S. */
extern void iso_duration_add(SheetRow *row, int column, const char *text, size_t length, bool is_time);

/* Adds a text. */
extern void text_add(SheetRow *row, int column, CellKind kind, const char *text, size_t length);

#endif
