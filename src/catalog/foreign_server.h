/*
 * foreign_server.h — foreign servers of other wrappers, as definitions of data sources
 * (sql/objects/249_foreign_servers.sql).
 */
#ifndef RG_CATALOG_FOREIGN_SERVER_H
#define RG_CATALOG_FOREIGN_SERVER_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "identity.h"

/* Those that the role may use. */
extern Jsonb *rg_wrapped_server_list(Oid role);

/*
 * The definition of a data source, with the secrets of the role's own user mapping. name NULL: the server's.
 * *left_out: the names of the options that it has not. 403, 404, 501.
 */
extern Jsonb *
rg_wrapped_server_definition(Oid role, const char *server_name, const char *name, Jsonb **left_out);

/*
 * 403: the request would have the wrapper of a foreign server run (metadata.foreign_server), and the caller
 * is no admin, or its role may not use the server. current is the locked source, or NULL for a new source.
 */
extern void rg_wrapped_server_require_admin(const RgIdentity *identity, Jsonb *request, Jsonb *current);

#endif
