/*
 * invitation.c — invitations to an organization, by subject. The invited person must accept: if an admin
 * could make any user a member, an unsuspecting user might register credentials in a stranger's organization,
 * and the answer would show which subjects are users.
 */
#include "invitation.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "settings.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "catalog/members.h"
#include "error.h"
#include "organization.h"
#include "sql.h"

static bool
is_member(int64 organization_id, const char *subject)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.membership m JOIN rivergen_catalog.app_user u USING (user_id) "
				"WHERE m.organization_id = $1 AND u.subject = $2",
	};

	return rg_spi_execute(&look, rg_int8(organization_id), rg_text(subject)) > 0;
}

static Jsonb *
body_of(const char *subject, const char *role, const char *status)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object('subject', $1, 'role', $2, 'status', $3)",
	};

	rg_spi_execute(&make, rg_text(subject), rg_text(role), rg_text(status));
	return rg_catalog_jsonb(0, 1);
}

static void
record(const RgIdentity *identity, const char *action, const char *subject, const char *role)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object('subject', $1, 'role', $2)",
	};

	rg_spi_execute(&make, rg_text(subject), rg_text(role));
	rg_audit_record(identity, action, 0, rg_catalog_jsonb(0, 1));
}

Jsonb *
rg_invitation_send(const RgIdentity *identity, const char *subject, const char *role)
{
	static RgStatement upsert = {
		.text = "INSERT INTO rivergen_catalog.invitation (organization_id, subject, role, "
				"invited_by_user_id) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, subject) "
				"DO UPDATE SET role = excluded.role, invited_by_user_id = excluded.invited_by_user_id",
	};

	if (is_member(identity->organization_id, subject))
		rg_fail(RG_CONFLICT, "User is already a member of this organization", NULL, NULL);
	rg_spi_execute(&upsert, rg_int8(identity->organization_id), rg_text(subject), rg_text(role),
				   rg_int8(identity->user_id));
	record(identity, "invitation.sent", subject, role);
	return body_of(subject, role, "invited");
}

/* Deletes the invitation and returns its role, or NULL if there was none. */
static char *
take(int64 organization_id, const char *subject)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.invitation WHERE organization_id = $1 AND subject = $2 "
				"RETURNING role",
	};

	if (subject == NULL || rg_spi_execute(&remove, rg_int8(organization_id), rg_text(subject)) == 0)
		return NULL;
	return rg_spi_text(0, 1);
}

Jsonb *
rg_invitation_withdraw(const RgIdentity *identity, const char *subject)
{
	char *role = take(identity->organization_id, subject);

	if (role == NULL)
		rg_fail(RG_NOT_FOUND, "invitation not found", NULL, NULL);
	record(identity, "invitation.withdrawn", subject, role);
	return body_of(subject, role, "withdrawn");
}

Jsonb *
rg_invitation_list(const RgCaller *caller)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.invitations_of($1)",
	};

	rg_spi_read(&look, rg_text_or_null(caller->subject));
	return rg_catalog_jsonb(0, 1);
}

static char *
take_own(const RgCaller *caller, int64 organization_id)
{
	char *role = take(organization_id, caller->subject);

	if (role == NULL)
		rg_fail(RG_NOT_FOUND, psprintf("no invitation of organization " INT64_FORMAT, organization_id), NULL,
				NULL);
	return role;
}

static int64
user_of(const RgCaller *caller)
{
	return caller->user_id != 0 ? caller->user_id : rg_user_create(caller->subject, NULL);
}

/* A caller that has become a member in another way meanwhile keeps that role. */
Jsonb *
rg_invitation_accept(const RgCaller *caller, int64 organization_id)
{
	/*
	 * The organization is locked before the invitation, as in organization_close. If it does not exist,
	 * neither does the invitation.
	 */
	(void) rg_organization_hold(organization_id);

	char *role = take_own(caller, organization_id);
	RgIdentity member = {.user_id = user_of(caller), .organization_id = organization_id};

	if (!is_member(organization_id, caller->subject))
		rg_membership_add(&member, member.user_id, role);
	return rg_member_body(organization_id, member.user_id);
}

void
rg_invitation_decline(const RgCaller *caller, int64 organization_id)
{
	char *role = take_own(caller, organization_id);
	RgIdentity invited = {.user_id = caller->user_id, .organization_id = organization_id};

	record(&invited, "invitation.declined", caller->subject, role);
}
