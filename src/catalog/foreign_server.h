/*
 * foreign_server.h — foreign servers of other wrappers, as definitions of data sources
 * (sql/objects/249_foreign_servers.sql).
 */
#ifndef RG_CATALOG_FOREIGN_SERVER_H
#define RG_CATALOG_FOREIGN_SERVER_H

#include "postgres.h"

#include "utils/jsonb.h"

/* Those that the role may use. */
extern Jsonb *rg_wrapped_server_list(Oid role);

/*
 * The definition of a data source, with the secrets of the role's own user mapping. name NULL: the server's.
 * *left_out: the names of the options that it has not. 403, 404, 501.
 */
extern Jsonb *
rg_wrapped_server_definition(Oid role, const char *server_name, const char *name, Jsonb **left_out);

#endif
