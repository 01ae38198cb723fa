/*
 * scope.h — the scope of a discovery, as parameters of the statements that list schemas and relations.
 */
#ifndef RG_POSTGRESQL_SCOPE_H
#define RG_POSTGRESQL_SCOPE_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/* The schema or null, and four text[]: patterns for LIKE of schemas and relations to include and to exclude.
 */
#define SCOPE_PARAMETERS 5

typedef struct Scope
{
	WireBuffer lists[SCOPE_PARAMETERS - 1];
	Parameter parameters[SCOPE_PARAMETERS];
} Scope;

extern void scope_begin(Scope *scope, const Request *request);
extern void scope_end(Scope *scope);

#endif
