/*
 * setup.c — operators' functions that only grants protect, and the caller's organization for the views.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "catalog/access.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "catalog/organization.h"
#include "check/check.h"
#include "error.h"
#include "queue/wait.h"
#include "version.h"
#include "wordlist.h"

PG_FUNCTION_INFO_V1(rg_sql_organization_create);
PG_FUNCTION_INFO_V1(rg_sql_workspace_create);
PG_FUNCTION_INFO_V1(rg_sql_user_create);
PG_FUNCTION_INFO_V1(rg_sql_membership_add);
PG_FUNCTION_INFO_V1(rg_sql_grant_access);
PG_FUNCTION_INFO_V1(rg_sql_missing_grants);
PG_FUNCTION_INFO_V1(rg_sql_key_create);
PG_FUNCTION_INFO_V1(rg_sql_quick_start);
PG_FUNCTION_INFO_V1(rg_sql_current_organization_id);

static char *
required_name(FunctionCallInfo fcinfo, int argument, const char *field)
{
	RgFaults faults;
	char *name;

	rg_faults_begin(&faults);
	name = rg_check_name(&faults, field, PG_ARGISNULL(argument) ? NULL : PG_GETARG_TEXT_PP(argument));
	rg_faults_raise(&faults);
	return name;
}

static void
fail_argument(const char *fault)
{
	rg_fail(RG_BAD_REQUEST, "Invalid request data", fault, NULL);
}

Datum
rg_sql_organization_create(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	char *name = required_name(fcinfo, 0, "name");

	rg_setup_lock();

	int64 id = rg_organization_create(name);

	rg_api_end();
	PG_RETURN_INT64(id);
}

Datum
rg_sql_workspace_create(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity operator= rg_operator(rg_api_required_id(fcinfo, 0, "organization_id"));
	int64 id = rg_workspace_create(&operator, required_name(fcinfo, 1, "name"));

	rg_api_end();
	PG_RETURN_INT64(id);
}

static void
check_user(const char *subject, const char *role_name)
{
	if (subject == NULL && role_name == NULL)
		fail_argument("subject: is required, or role_name");
	if (subject != NULL && subject[0] == '\0')
		fail_argument("subject: must not be empty");
	if (role_name != NULL && (role_name[0] == '\0' || strlen(role_name) >= NAMEDATALEN))
		fail_argument(psprintf("role_name: must be a role's name, 1 to %d bytes", NAMEDATALEN - 1));
}

Datum
rg_sql_user_create(PG_FUNCTION_ARGS)
{
	rg_version_require();

	char *subject = rg_api_optional_text(fcinfo, 0);
	char *role_name = rg_api_optional_text(fcinfo, 1);

	check_user(subject, role_name);
	rg_api_begin();

	int64 id = rg_user_create(subject, role_name);

	rg_api_end();
	PG_RETURN_INT64(id);
}

Datum
rg_sql_membership_add(PG_FUNCTION_ARGS)
{
	rg_version_require();

	RgIdentity operator= rg_operator(rg_api_required_id(fcinfo, 0, "organization_id"));
	int64 user_id = rg_api_required_id(fcinfo, 1, "user_id");
	char *role = rg_api_optional_text(fcinfo, 2);

	if (role == NULL)
		role = "editor";
	if (rg_wordlist_index(rg_wordlist_roles, role) < 0)
		fail_argument(psprintf("role: must be one of %s", rg_wordlist_text(rg_wordlist_roles)));
	rg_api_begin();
	rg_membership_add(&operator, user_id, role);
	rg_api_end();
	PG_RETURN_VOID();
}

Datum
rg_sql_grant_access(PG_FUNCTION_ARGS)
{
	rg_version_require();
	if (PG_ARGISNULL(0))
		fail_argument("role: must not be null");
	rg_api_begin();
	rg_setup_lock();
	rg_access_grant(PG_GETARG_OID(0));
	rg_api_end();
	PG_RETURN_VOID();
}

Datum
rg_sql_missing_grants(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	char *missing = rg_access_missing(PG_GETARG_OID(0));
	Datum answer = missing ? rg_api_copy_out(CStringGetTextDatum(missing)) : (Datum) 0;

	rg_api_end();
	if (missing == NULL)
		PG_RETURN_NULL();
	return answer;
}

Datum
rg_sql_key_create(PG_FUNCTION_ARGS)
{
	rg_version_require();

	int64 key_id = rg_queue_key_create();

	rg_api_begin();
	rg_audit_installation("key.created", "key_id", key_id);
	rg_api_end();
	PG_RETURN_INT64(key_id);
}

/*
 * The key comes first, since a worker makes and commits it: if that fails, quick_start has changed nothing.
 */
Datum
rg_sql_quick_start(PG_FUNCTION_ARGS)
{
	rg_version_require();

	static const char *const names[] = {"organization_id", "workspace_id", "user_id", "key_id"};
	char *name = required_name(fcinfo, 0, "organization_name");
	Oid role = GetSessionUserId();
	int64 key_id = rg_queue_key_create();

	rg_api_begin();
	rg_setup_lock();

	int64 user_id = rg_user_ensure(GetUserNameFromId(role, false));
	int64 organization_id = rg_organization_ensure(name, user_id);
	int64 workspace_id = rg_workspace_ensure(organization_id, "default");

	rg_access_grant(role);
	return rg_api_answer(
		rg_api_integers(lengthof(names), names, (int64[]){organization_id, workspace_id, user_id, key_id}),
		"Organization is ready");
}

Datum
rg_sql_current_organization_id(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);

	rg_api_end();
	PG_RETURN_INT64(identity.organization_id);
}
