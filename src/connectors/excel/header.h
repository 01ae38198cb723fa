/*
 * header.h — the first rows of a sheet, and which of them has the names of the columns.
 */
#ifndef RG_EXCEL_HEADER_H
#define RG_EXCEL_HEADER_H

#include "connectors/excel/region.h"

#define MOST_HEAD_ROWS 64

typedef struct Head
{
	SheetRow rows[MOST_HEAD_ROWS];
	int count;
} Head;

/* Keeps a copy of the row. Returns false if there are enough. */
extern bool head_take(Head *head, const SheetRow *row);
extern void head_free(Head *head);

/* The place of the row that has the names, or its last line if they have several; -1: none. */
extern int head_find(const Head *head, const Sheet *sheet, HeaderWish wish);

/* The place of the first line of the names. */
extern int head_first_line(const Head *head, const Sheet *sheet, int header);

/* The names of the first *count columns of the sheet, "" where there is none. The caller frees them. */
extern char **head_names(const Head *head, const Sheet *sheet, int header, int *count);

#endif
