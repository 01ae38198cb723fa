/*
 * lookup.h — one relation, found by its name, or its name and id.
 */
#ifndef RG_SQLSERVER_LOOKUP_H
#define RG_SQLSERVER_LOOKUP_H

#include "connectors/sqlserver/statements.h"

typedef struct Found
{
	SqlRows columns; /* of statement_columns() */
	SqlRows indexes; /* of statement_indexes() */
} Found;

/* id: the one that it must have, or NULL. Returns false if it is not there. */
extern bool lookup(Session *session, const char *schema, const char *name, const char *id, Found *found);
/* Leaves out the columns that the user may not read. */
extern void lookup_readable(Session *session, const char *schema, const char *name, Found *found);
extern void lookup_forget(Found *found);

#endif
