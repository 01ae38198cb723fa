/*
 * members.c — rivergen.member_*, invitation_* and workspace_* for tenants. Each function identifies the
 * caller first, then reports what is missing, then the faults of the request.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "api/api.h"
#include "api/page.h"
#include "catalog/identity.h"
#include "catalog/invitation.h"
#include "catalog/members.h"
#include "catalog/workspace.h"
#include "check/check.h"
#include "error.h"
#include "wordlist.h"

PG_FUNCTION_INFO_V1(rg_sql_member_list);
PG_FUNCTION_INFO_V1(rg_sql_member_add);
PG_FUNCTION_INFO_V1(rg_sql_member_set_role);
PG_FUNCTION_INFO_V1(rg_sql_member_remove);
PG_FUNCTION_INFO_V1(rg_sql_invitation_withdraw);
PG_FUNCTION_INFO_V1(rg_sql_invitation_list);
PG_FUNCTION_INFO_V1(rg_sql_invitation_accept);
PG_FUNCTION_INFO_V1(rg_sql_invitation_decline);
PG_FUNCTION_INFO_V1(rg_sql_workspace_list);
PG_FUNCTION_INFO_V1(rg_sql_workspace_add);
PG_FUNCTION_INFO_V1(rg_sql_workspace_rename);
PG_FUNCTION_INFO_V1(rg_sql_workspace_delete);
PG_FUNCTION_INFO_V1(rg_sql_administered_organization_id);

#define LONGEST_SUBJECT 255

static char *
checked_role(FunctionCallInfo fcinfo, int argument, RgFaults *faults)
{
	char *role = rg_api_optional_text(fcinfo, argument);

	if (role == NULL)
		rg_fault(faults, "role", "must not be null");
	else if (rg_wordlist_index(rg_wordlist_roles, role) < 0)
		rg_fault(faults, "role", "must be one of %s", rg_wordlist_text(rg_wordlist_roles));
	return role;
}

/* Neither trimmed nor folded: the token's issuer decides how a subject is written. */
static char *
checked_subject(FunctionCallInfo fcinfo, int argument, RgFaults *faults)
{
	char *subject = rg_api_optional_text(fcinfo, argument);

	if (subject == NULL || subject[0] == '\0')
		rg_fault(faults, "subject", "is required");
	else if (pg_mbstrlen(subject) > LONGEST_SUBJECT)
		rg_fault(faults, "subject", "must not have more than %d characters", LONGEST_SUBJECT);
	return subject;
}

static char *
checked_name(FunctionCallInfo fcinfo, int argument)
{
	RgFaults faults;
	char *name;

	rg_faults_begin(&faults);
	name = rg_check_name(&faults, "name", PG_ARGISNULL(argument) ? NULL : PG_GETARG_TEXT_PP(argument));
	rg_faults_raise(&faults);
	return name;
}

/* ---- members ---- */

Datum
rg_sql_member_list(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	RgPage page = rg_api_page(fcinfo, 0);

	return rg_api_answer(rg_member_page(identity.organization_id, page.number, page.size),
						 "Members retrieved successfully");
}

Datum
rg_sql_member_add(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	RgFaults faults;

	rg_faults_begin(&faults);

	char *subject = checked_subject(fcinfo, 0, &faults);
	char *role = checked_role(fcinfo, 1, &faults);

	rg_faults_raise(&faults);
	return rg_api_answer(rg_invitation_send(&identity, subject, role), "Member invited successfully");
}

Datum
rg_sql_member_set_role(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	int64 user_id = rg_api_required_id(fcinfo, 0, "user_id");
	RgFaults faults;

	rg_member_require(identity.organization_id, user_id);
	rg_faults_begin(&faults);

	char *role = checked_role(fcinfo, 1, &faults);

	rg_faults_raise(&faults);
	return rg_api_answer(rg_member_change_role(&identity, user_id, role), "Member updated successfully");
}

/* Every member may remove itself; removing others needs an admin. */
Datum
rg_sql_member_remove(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	rg_identity_require_own_call();

	RgIdentity identity = rg_identify(RG_VIEWER);

	if (PG_ARGISNULL(0) || PG_GETARG_INT64(0) != identity.user_id)
		identity = rg_identify(RG_ADMIN);

	int64 user_id = rg_api_required_id(fcinfo, 0, "user_id");

	rg_member_remove(&identity, user_id);
	return rg_api_answer(rg_api_integers(1, (const char *[]){"user_id"}, &user_id),
						 "Member removed successfully");
}

/* ---- invitations ---- */

Datum
rg_sql_invitation_withdraw(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	RgFaults faults;

	rg_faults_begin(&faults);

	char *subject = checked_subject(fcinfo, 0, &faults);

	rg_faults_raise(&faults);
	return rg_api_answer(rg_invitation_withdraw(&identity, subject), "Invitation withdrawn successfully");
}

Datum
rg_sql_invitation_list(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	rg_api_begin();

	RgCaller caller = rg_caller();

	return rg_api_answer(rg_invitation_list(&caller), "Invitations retrieved successfully");
}

Datum
rg_sql_invitation_accept(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	rg_identity_require_own_call();

	RgCaller caller = rg_caller();
	int64 organization_id = rg_api_required_id(fcinfo, 0, "organization_id");

	return rg_api_answer(rg_invitation_accept(&caller, organization_id), "Invitation accepted successfully");
}

Datum
rg_sql_invitation_decline(PG_FUNCTION_ARGS)
{
	rg_api_begin();
	rg_identity_require_own_call();

	RgCaller caller = rg_caller();
	int64 organization_id = rg_api_required_id(fcinfo, 0, "organization_id");

	rg_invitation_decline(&caller, organization_id);
	return rg_api_answer(rg_api_integers(1, (const char *[]){"organization_id"}, &organization_id),
						 "Invitation declined successfully");
}

/* ---- workspaces ---- */

Datum
rg_sql_workspace_list(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_VIEWER);
	RgPage page = rg_api_page(fcinfo, 0);

	return rg_api_answer(rg_workspace_page(identity.organization_id, page.number, page.size),
						 "Workspaces retrieved successfully");
}

Datum
rg_sql_workspace_add(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);

	return rg_api_answer(rg_workspace_add(&identity, checked_name(fcinfo, 0)),
						 "Workspace created successfully");
}

Datum
rg_sql_workspace_rename(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	int64 workspace_id = rg_api_required_id(fcinfo, 0, "workspace_id");

	rg_workspace_lock(identity.organization_id, workspace_id);
	return rg_api_answer(rg_workspace_rename(&identity, workspace_id, checked_name(fcinfo, 1)),
						 "Workspace renamed successfully");
}

Datum
rg_sql_workspace_delete(PG_FUNCTION_ARGS)
{
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);
	int64 workspace_id = rg_api_required_id(fcinfo, 0, "workspace_id");

	rg_workspace_lock(identity.organization_id, workspace_id);
	rg_workspace_delete(&identity, workspace_id);
	return rg_api_answer(rg_api_integers(1, (const char *[]){"id"}, &workspace_id),
						 "Workspace deleted successfully");
}

/* ---- for the view of the audit trail ---- */

Datum
rg_sql_administered_organization_id(PG_FUNCTION_ARGS)
{
	(void) fcinfo;
	rg_api_begin();

	RgIdentity identity = rg_identify(RG_ADMIN);

	rg_api_end();
	PG_RETURN_INT64(identity.organization_id);
}
