/*
 * workbook.h — a workbook of any kind: its sheets, their tables and their rows.
 */
#ifndef RG_EXCEL_WORKBOOK_H
#define RG_EXCEL_WORKBOOK_H

#include "connectors/excel/cell.h"
#include "connectors/files/storage.h"

/* Merged areas count where names of columns can be: in the first rows. */
#define MOST_MERGED_ROWS 4096
#define MOST_MERGED      1000

/* Rows and columns from 0; the last ones belong to it. */
typedef struct Area
{
	int64_t top;
	int64_t bottom;
	int left;
	int right;
} Area;

typedef struct SheetTable
{
	char *name;
	Area area;        /* with header and totals */
	int header_rows;  /* 0 or 1 */
	int total_rows;   /* 0 or more */
	char **columns;   /* the names */
	int column_count; /* of the names */
} SheetTable;

typedef struct Sheet
{
	char *name;
	bool is_hidden;
	char *place; /* what the kind of workbook knows it by */
	SheetTable *tables;
	int table_count;
	Area *merged; /* complete once its rows were read to the end */
	int merged_count;
} Sheet;

struct Workbook;

typedef struct WorkbookKind
{
	const char *what; /* for people */
	void *(*rows_begin)(const struct Workbook *workbook, Sheet *sheet);
	/* Rows that have no cells may be left out. */
	bool (*rows_next)(void *rows, SheetRow *row);
	void (*rows_end)(void *rows);
	void (*close)(struct Workbook *workbook);
} WorkbookKind;

typedef struct Workbook
{
	const WorkbookKind *kind;
	const StoredFile *file;
	Sheet *sheets;
	int sheet_count;
	void *content; /* the kind's own */
} Workbook;

/* Ends the process if the file is no workbook, or one that cannot be read. */
extern Workbook *workbook_open(const StoredFile *file);
extern void workbook_close(Workbook *workbook);

/* Adds a sheet whose members are empty. It moves when another one is added. */
extern Sheet *workbook_add_sheet(Workbook *workbook);

/* Adds an area unless it does not count. */
extern void sheet_add_merged(Sheet *sheet, const Area *area);

/* A reference such as B2 or B2:D17. Returns false if it is none. */
extern bool area_read(const char *reference, Area *area);

#endif
