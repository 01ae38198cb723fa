/*
 * list_order.h — the sort orders of the list, and cursors.
 */
#ifndef RG_LIST_ORDER_H
#define RG_LIST_ORDER_H

#include "postgres.h"

#include "settings.h"

typedef struct RgSortField
{
	const char *column; /* SQL, of data_source d and data_source_state s */
	const char *type;   /* SQL: bigint, boolean, text or timestamptz */
	bool nullable;      /* sorted NULLS LAST, so no index helps */
	bool indexed;       /* an index of each organization's sources has this order */
} RgSortField;

/* By its index in rg_sort_fields. */
extern const RgSortField *rg_sort_field(int field);

/* The type of the cursor's value in an order by this field. */
extern Oid rg_sort_field_type(const RgSortField *field);

/* The text of a cursor. */
extern char *rg_list_cursor_write(const RgListOrder *order, const RgListCursor *cursor);

extern const char *const rg_sort_fields[]; /* ended by NULL */
extern const int rg_sort_field_count;

/* The index of the name in rg_sort_fields, or -1. */
extern int rg_sort_field_find(const char *name);

/* Reads a cursor. False: the text is no cursor, or a cursor of another order. */
extern bool rg_list_cursor_read(const char *digits, const RgListOrder *order, RgListCursor *cursor);

#endif
