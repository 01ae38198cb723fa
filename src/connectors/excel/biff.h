/*
 * biff.h — the records of a workbook of Excel 5 (BIFF5) or 97 to 2003 (BIFF8), and the texts in them.
 */
#ifndef RG_EXCEL_BIFF_H
#define RG_EXCEL_BIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

enum
{
	BIFF_FORMULA = 0x0006,
	BIFF_END = 0x000A,
	BIFF_DATE_MODE = 0x0022,
	BIFF_PASSWORD = 0x002F,
	BIFF_CONTINUE = 0x003C,
	BIFF_CODE_PAGE = 0x0042,
	BIFF_SHEET = 0x0085,
	BIFF_NUMBERS = 0x00BD,
	BIFF_RICH_TEXT = 0x00D6,
	BIFF_STYLE = 0x00E0,
	BIFF_MERGED = 0x00E5,
	BIFF_STRINGS = 0x00FC,
	BIFF_SHARED_TEXT = 0x00FD,
	BIFF_NUMBER = 0x0203,
	BIFF_TEXT = 0x0204,
	BIFF_BOOLEAN = 0x0205,
	BIFF_RESULT = 0x0207,
	BIFF_SHORT_NUMBER = 0x027E,
	BIFF_FORMAT = 0x041E,
	BIFF_BEGIN = 0x0809
};

typedef struct Biff
{
	unsigned char *bytes;
	size_t length;
	bool is_biff8;
	unsigned code_page; /* of BIFF5 */
} Biff;

/* A record, and where it is read. */
typedef struct BiffRecord
{
	const Biff *biff;
	size_t start; /* of the record with its head */
	unsigned type;
	size_t at;
	size_t end;
	bool is_cut; /* more was read than there is */
} BiffRecord;

/* Sets the record at this place. Returns false if there is no whole one. */
extern bool biff_record(const Biff *biff, size_t place, BiffRecord *record);

/* The place of the record behind it. */
extern size_t biff_next(const BiffRecord *record);

/* Read on, also in records that continue this one. Behind the end everything is 0, and is_cut is set. */
extern uint32_t biff_8(BiffRecord *record);
extern uint32_t biff_16(BiffRecord *record);
extern uint32_t biff_32(BiffRecord *record);
extern double biff_double(BiffRecord *record);
extern void biff_skip(BiffRecord *record, size_t length);

/* Appends a text whose length stands in 1 or 2 bytes before it. */
extern void biff_text(BiffRecord *record, int length_bytes, WireBuffer *out);

#endif
