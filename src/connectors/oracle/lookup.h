/*
 * lookup.h — one relation, by the names of a request.
 */
#ifndef RG_ORACLE_LOOKUP_H
#define RG_ORACLE_LOOKUP_H

#include "connectors/oracle/statements.h"

typedef struct Found
{
	SqlRows columns;
	SqlRows constraints;
	SqlRows key_columns;
} Found;

/* False: there is no such relation, or the user may see none of its columns. id may be NULL. */
extern bool lookup(OdbcSession *session, const Features *features, const char *owner, const char *name,
				   const char *id, Found *found);
extern void lookup_forget(Found *found);

/* A row of found->columns, or NULL. */
extern const char *const *lookup_column(const Found *found, const char *name);

/* The columns of a key, which is a row of found->constraints. */
extern SqlGroup lookup_key(const Found *found, const char *const *constraint);

#endif
