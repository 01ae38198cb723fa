/*
 * check.h — requests to create and change data sources, checked: pure functions, no SQL.
 *
 * The checks collect faults and do not raise them, so that the caller can add what only the catalog knows and
 * then tell everything at once with rg_faults_raise.
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
	const RgSourceType *type; /* NULL when the request names none that is known */
	Jsonb *columns;     /* column name → value, those that are to be set; NULL when there are faults */
	bool is_empty;      /* columns is {} */
	int64 workspace_id; /* of a new source, also when there are faults; 0: none */
	bool auto_refresh;
	bool ignores_storage_file; /* storage_file_id was given */
	bool has_credentials;      /* credentials are to be replaced, by none when their count is 0 */
	RgCredentials credentials;
	ArrayType *key_names; /* text[], the names of the credentials given */
} RgDefinition;

/* The request of data_source_create; NULL stands for SQL's null. */
extern RgDefinition *rg_check_create(Jsonb *request, int64 organization_id);

/*
 * The changes of data_source_update onto the current row, which is an object of column name → value and
 * credential_keys (an array of names or null).
 */
extern RgDefinition *rg_check_update(Jsonb *changes, Jsonb *current, int64 organization_id);

/* The object of data_source_update_credentials for a source of this type. */
extern RgDefinition *rg_check_credentials(Jsonb *credentials, const char *type);

/* A name for an organization or a workspace, trimmed; what is wrong becomes a fault of field. */
extern char *rg_check_name(RgFaults *faults, const char *field, text *name);

/* list.c: the arguments of data_source_list. NULL texts are absent. */
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
