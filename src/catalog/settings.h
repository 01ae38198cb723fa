/*
 * settings.h — organizations, sources, credentials, relation documents: every table of rivergen_catalog but
 * job.
 *
 * Everything here runs with SPI connected and with the rights of the extension's owner: callers have
 * identified the caller of the API (identity.h), or are operators' functions, which grants protect.
 */
#ifndef RG_CATALOG_SETTINGS_H
#define RG_CATALOG_SETTINGS_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "catalog/identity.h"
#include "sql.h"

/* Settings of this room: rivergen.gateway_roles, rivergen.organization_id, rivergen.storage_root,
 * rivergen.storage_endpoint, rivergen.storage_credentials_file, rivergen.storage_one_filesystem. */
extern void rg_catalog_init(void);

/* The directory or the bucket that contains organizations/<id>/…; '' if there is no storage. */
extern char *rg_storage_root;
extern char *rg_storage_endpoint;
extern char *rg_storage_credentials_file;
extern char *rg_https_proxy;
extern char *rg_https_proxy_credentials_file;
extern char *rg_allowed_hosts;
extern bool rg_storage_one_filesystem;

/* ---- data sources (data_source.c) ---- */

/*
 * The fields, and members of metadata, that determine the destination of a source's credentials, besides
 * host, port, TLS and tunnel. Separated by spaces. Members "*": all but the server's own.
 */
typedef struct RgDestinationNames
{
	const char *fields;
	const char *members;
} RgDestinationNames;

/* ---- the list (data_source_list.c, list_order.c) ---- */

typedef struct RgListFilter
{
	const int64 *workspace_id; /* NULL: all; as are the other NULLs */
	const char *type;
	const char *status;
	const char *search;
	ArrayType *tags; /* text[]: the source has all of them */
} RgListFilter;

typedef struct RgListOrder
{
	int field; /* index of rg_sort_fields */
	bool descending;
} RgListOrder;

/* The last row of the previous page: its id and its value of the sort field. */
typedef struct RgListCursor
{
	int64 id;
	bool is_null;
	Datum value;
} RgListCursor;

/* Settings. */
extern char *rg_gateway_roles;
extern char *rg_organization_setting;

/* A column of the current result as jsonb in the caller's context. */
extern Jsonb *rg_catalog_jsonb(uint64 row, int column);

#endif
