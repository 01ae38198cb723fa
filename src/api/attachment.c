/*
 * attachment.c — rivergen.attach and detach.
 */
#include "catalog/attachment.h"

#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "api/discovery.h"
#include "catalog/identity.h"
#include "check/fault.h"
#include "error.h"

PG_FUNCTION_INFO_V1(rg_sql_attach);
PG_FUNCTION_INFO_V1(rg_sql_detach);
PG_FUNCTION_INFO_V1(rg_sql_organization_set_attachment_role);

static void
check_local_schema(RgFaults *faults, const char *name)
{
	if (name == NULL)
		return;
	if (name[0] == '\0' || strlen(name) >= NAMEDATALEN)
		rg_fault(faults, "local_schema", "must be 1 to %d bytes", NAMEDATALEN - 1);
	else if (strncmp(name, "pg_", 3) == 0 || strcmp(name, "information_schema") == 0)
		rg_fault(faults, "local_schema", "must not be a schema of PostgreSQL");
	else if (strcmp(name, "rivergen") == 0 || strcmp(name, "rivergen_catalog") == 0)
		rg_fault(faults, "local_schema", "must not be a schema of rivergen");
}

static ArrayType *
names_argument(FunctionCallInfo fcinfo, int number, const char *label, RgFaults *faults)
{
	ArrayType *names = PG_ARGISNULL(number) ? NULL : PG_GETARG_ARRAYTYPE_P(number);

	if (names == NULL)
		return NULL;
	if (ArrayGetNItems(ARR_NDIM(names), ARR_DIMS(names)) == 0 || ARR_NDIM(names) > 1 ||
		array_contains_nulls(names))
		rg_fault(faults, label, "must be an array of at least one name, without null");
	return names;
}

Datum
rg_sql_attach(PG_FUNCTION_ARGS)
{
	RgFaults faults;

	rg_api_begin();

	RgIdentity identity = rg_identify(RG_EDITOR);
	RgAttaching attaching = {.data_source_id = rg_api_required_id(fcinfo, 0, "data_source_id"),
							 .local_schema = rg_api_optional_text(fcinfo, 1),
							 .dry_run = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4)};
	RgDiscoverySource source = rg_api_find_source(&identity, attaching.data_source_id);

	rg_faults_begin(&faults);
	check_local_schema(&faults, attaching.local_schema);
	attaching.schemas = names_argument(fcinfo, 2, "schemas", &faults);
	attaching.tables = names_argument(fcinfo, 3, "tables", &faults);
	rg_faults_raise(&faults);
	rg_api_require_connector(source.type);
	rg_attachment_require_capability(&identity, attaching.data_source_id, "read");

	Oid role = rg_attachment_role(&identity);

	return rg_api_answer(rg_attachment_make(&identity, role, &attaching),
						 attaching.dry_run ? "Nothing was attached" : "Data source attached successfully");
}

/*
 * A role may always detach its own foreign tables, which it could drop by hand as well: also when its user is
 * an editor no more. Tenants of a gateway share a role, so there only the identity counts.
 */
static RgIdentity
identify_detaching(const RgDetaching *detaching)
{
	RgIdentity identity;

	if (!rg_session_is_gateway() &&
		(rg_identify_quietly(RG_EDITOR, &identity) || rg_attachment_is_own(GetOuterUserId(), detaching)))
		return identity;
	return rg_identify(RG_EDITOR);
}

Datum
rg_sql_detach(PG_FUNCTION_ARGS)
{
	RgFaults faults;

	rg_api_begin();

	RgDetaching detaching = {.data_source_id = PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0),
							 .local_schema = rg_api_optional_text(fcinfo, 1),
							 .force = !PG_ARGISNULL(2) && PG_GETARG_BOOL(2)};
	RgIdentity identity = identify_detaching(&detaching);

	rg_faults_begin(&faults);
	if (PG_ARGISNULL(0) && detaching.local_schema == NULL)
		rg_fault(&faults, "data_source_id", "give data_source_id, local_schema or both");
	rg_faults_raise(&faults);
	if (!PG_ARGISNULL(0) && rg_session_is_gateway())
		rg_attachment_require_source(&identity, detaching.data_source_id);
	return rg_api_answer(rg_attachment_remove(&identity, rg_attachment_role(&identity), &detaching),
						 "Data source detached successfully");
}

Datum
rg_sql_organization_set_attachment_role(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	int64 organization_id = rg_api_required_id(fcinfo, 0, "organization_id");

	return rg_api_answer(rg_attachment_set_role(organization_id, rg_api_optional_text(fcinfo, 1)),
						 "Role set successfully");
}
