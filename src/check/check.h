/*
 * check.h — checks requests to create and change data sources: pure functions, no SQL.
 *
 * The checks collect faults and raise none, so that the caller can add faults that only the catalog knows,
 * and report all of them at once with rg_faults_raise().
 */
#ifndef RG_CHECK_H
#define RG_CHECK_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "check/credentials.h"
#include "check/fault.h"
#include "check/source_type.h"

typedef struct RgDefinition
{
	RgFaults faults;
	const RgSourceType *type; /* NULL if the request names no known type */
	Jsonb *columns;           /* column name → value, of the columns to set; NULL if there are faults */
	bool is_empty;            /* columns is {} */
	int64 workspace_id;       /* of a new source, also when there are faults; 0: none */
	bool auto_refresh;
	bool ignores_storage_file; /* storage_file_id was given */
	bool has_credentials;      /* the stored credentials are to be replaced; by none if the count is 0 */
	RgCredentials credentials;
	ArrayType *key_names; /* text[], the names of the credentials given */
} RgDefinition;

/* Checks the request of data_source_create; NULL stands for SQL's null. */
extern RgDefinition *rg_check_create(Jsonb *request, int64 organization_id);

/*
 * Checks the changes of data_source_update against the current row, an object of column name → value and
 * credential_keys (an array of names or null).
 */
extern RgDefinition *rg_check_update(Jsonb *changes, Jsonb *current, int64 organization_id);

/* Checks the object of data_source_update_credentials for a source of this type. */
extern RgDefinition *rg_check_credentials(Jsonb *credentials, const char *type);

/* Returns a name for an organization or a workspace, trimmed. A wrong name becomes a fault of the field. */
extern char *rg_check_name(RgFaults *faults, const char *field, text *name);

/* The arguments of data_source_list. NULL texts are absent. */
typedef struct RgListRequest
{
	bool by_workspace;
	int64 workspace_id;
	const char *type;
	const char *status;
	const char *search;
	const char *sort_by;
	const char *sort_order;
	ArrayType *tags; /* text[] */
	const char *after;
	int64 page;
	int64 page_size;
} RgListRequest;

#endif
