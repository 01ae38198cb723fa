/*
 * invitation.c — how an admin brings people in. By subject, and only with their consent: were an admin able
 * to make anybody a member, a stranger's organization could become the one in which somebody unsuspecting
 * registers credentials; and the answer would tell who is a user of the installation.
 */
#include "invitation.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog.h"
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
		.types = {INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(organization_id), CStringGetTextDatum(subject)};

	return rg_spi_run(&look, values, NULL) > 0;
}

static Jsonb *
body_of(const char *subject, const char *role, const char *status)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object('subject', $1, 'role', $2, 'status', $3)",
		.types = {TEXTOID, TEXTOID, TEXTOID},
	};
	Datum values[] = {CStringGetTextDatum(subject), CStringGetTextDatum(role), CStringGetTextDatum(status)};

	rg_spi_run(&make, values, NULL);
	return rg_catalog_jsonb(0, 1);
}

static void
record(const RgIdentity *identity, const char *action, const char *subject, const char *role)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object('subject', $1, 'role', $2)",
		.types = {TEXTOID, TEXTOID},
	};
	Datum values[] = {CStringGetTextDatum(subject), CStringGetTextDatum(role)};

	rg_spi_run(&make, values, NULL);
	rg_audit_record(identity, action, 0, rg_catalog_jsonb(0, 1));
}

Jsonb *
rg_invitation_send(const RgIdentity *identity, const char *subject, const char *role)
{
	static RgStatement upsert = {
		.text = "INSERT INTO rivergen_catalog.invitation (organization_id, subject, role, "
				"invited_by_user_id) VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, subject) "
				"DO UPDATE SET role = excluded.role, invited_by_user_id = excluded.invited_by_user_id",
		.types = {INT8OID, TEXTOID, TEXTOID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(identity->organization_id), CStringGetTextDatum(subject),
					  CStringGetTextDatum(role), Int64GetDatum(identity->user_id)};

	if (is_member(identity->organization_id, subject))
		rg_fail(RG_CONFLICT, "User is already a member of this organization", NULL, NULL);
	rg_spi_run(&upsert, values, NULL);
	record(identity, "invitation.sent", subject, role);
	return body_of(subject, role, "invited");
}

/* Takes the invitation out and returns its role, or NULL. */
static char *
take(int64 organization_id, const char *subject)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.invitation WHERE organization_id = $1 AND subject = $2 "
				"RETURNING role",
		.types = {INT8OID, TEXTOID},
	};
	Datum values[] = {Int64GetDatum(organization_id), (Datum) 0};

	if (subject == NULL)
		return NULL;
	values[1] = CStringGetTextDatum(subject);
	return rg_spi_run(&remove, values, NULL) > 0 ? rg_spi_text(0, 1) : NULL;
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
		.types = {TEXTOID},
	};
	Datum values[] = {caller->subject ? CStringGetTextDatum(caller->subject) : (Datum) 0};

	rg_catalog_read(&look, values, caller->subject ? NULL : "n");
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

/* Whoever became a member in another way meanwhile keeps the role of that. */
Jsonb *
rg_invitation_accept(const RgCaller *caller, int64 organization_id)
{
	/* Before the invitation, as who closes the organization does it; one that is not there invites nobody. */
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
	RgIdentity nobody = {.user_id = caller->user_id, .organization_id = organization_id};

	record(&nobody, "invitation.declined", caller->subject, role);
}
