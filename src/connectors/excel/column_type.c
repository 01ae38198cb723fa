#include "connectors/excel/column_type.h"

#include <string.h>

#define BIT(kind) ((CellKinds) 1 << (kind))

static const struct
{
	const char *name;
	const char *pg_type;
} kinds_of_cells[CELL_KINDS] = {
	[CELL_TEXT] = {"text", NULL},
	[CELL_INTEGER] = {"integer", "bigint"},
	[CELL_NUMBER] = {"number", "double precision"},
	[CELL_BOOLEAN] = {"boolean", "boolean"},
	[CELL_DATE] = {"date", "date"},
	[CELL_TIME] = {"time", "time without time zone"},
	[CELL_DATETIME] = {"datetime", "timestamp without time zone"},
	[CELL_DURATION] = {"duration", "interval"},
	[CELL_ERROR] = {"error", NULL},
	[CELL_FORMULA] = {"formula", NULL},
};

/* Numbers include integers, and datetimes dates. */
static CellKinds
widest(CellKinds kinds)
{
	if (kinds & BIT(CELL_NUMBER))
		kinds &= ~BIT(CELL_INTEGER);
	if (kinds & BIT(CELL_DATETIME))
		kinds &= ~BIT(CELL_DATE);
	return kinds;
}

void
column_type_write(CellKinds kinds, char *type)
{
	kinds = widest(kinds);
	strcpy(type, "");
	for (int i = 0; i < CELL_KINDS; i++)
	{
		if (!(kinds & BIT(i)))
			continue;
		if (type[0])
			strcat(type, " | ");
		strcat(type, kinds_of_cells[i].name);
	}
	if (type[0] == '\0')
		strcpy(type, "text");
}

const char *
column_pg_type(CellKinds kinds)
{
	kinds = widest(kinds) & ~(BIT(CELL_ERROR) | BIT(CELL_FORMULA));
	for (int i = 0; i < CELL_KINDS; i++)
		if (kinds == BIT(i))
			return kinds_of_cells[i].pg_type;
	return NULL;
}
