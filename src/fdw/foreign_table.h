/* foreign_table.h — a foreign table as its options describe it. */
#ifndef RG_FDW_FOREIGN_TABLE_H
#define RG_FDW_FOREIGN_TABLE_H

#include "postgres.h"

#include "access/attnum.h"
#include "nodes/pg_list.h"

typedef struct RgForeignTable
{
	Oid oid;
	const char *server; /* name of the foreign server */
	Oid server_owner;
	const char *wrapper; /* the server's */
	const char *schema;  /* at the source, as are the others; '' where there are no schemas */
	const char *name;
	const char *kind; /* NULL: unknown */
	const char *id;   /* NULL: has none */
	bool faults_become_null;
} RgForeignTable;

extern void rg_foreign_table_load(Oid oid, RgForeignTable *table);

/* The name of a column at the source. */
extern const char *rg_foreign_column_name(const RgForeignTable *table, AttrNumber column);

/*
 * Is the column's type at the source the same as here, but for a length or precision? Then a comparison there
 * means the same.
 */
extern bool rg_foreign_column_has_same_type(const RgForeignTable *table, AttrNumber column, Oid type);

#endif
