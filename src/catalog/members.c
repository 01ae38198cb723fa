/*
 * members.c — the members of an organization. A change locks the organization's row first, so that two admins
 * cannot demote each other, and reads with a new snapshot, so that the other admin's change is visible at any
 * isolation level.
 */
#include "catalog/members.h"

#include "settings.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "error.h"
#include "sql.h"

Jsonb *
rg_member_page(int64 organization_id, int32 page, int32 page_size)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.member_page($1, $2, $3)",
	};

	rg_spi_read(&look, rg_int8(organization_id), rg_int4(page), rg_int4(page_size));
	return rg_catalog_jsonb(0, 1);
}

static void
lock_members(int64 organization_id)
{
	static RgStatement lock = {
		.text = "SELECT FROM rivergen_catalog.organization WHERE organization_id = $1 FOR NO KEY UPDATE",
	};

	rg_spi_execute(&lock, rg_int8(organization_id));
}

/* Locks the members and returns the role of this member. 404. */
static char *
lock_role(int64 organization_id, int64 user_id)
{
	static RgStatement look = {
		.text = "SELECT role FROM rivergen_catalog.membership WHERE organization_id = $1 AND user_id = $2",
	};

	lock_members(organization_id);
	if (rg_spi_execute_latest(&look, rg_int8(organization_id), rg_int8(user_id)) == 0)
		rg_fail_not_found("member", user_id);
	return rg_spi_text(0, 1);
}

void
rg_member_require(int64 organization_id, int64 user_id)
{
	(void) lock_role(organization_id, user_id);
}

/* Disabled admins do not count, since they cannot add members. */
static void
keep_an_admin(int64 organization_id, int64 user_id, const char *role)
{
	static RgStatement others = {
		.text = "SELECT FROM rivergen_catalog.membership m JOIN rivergen_catalog.app_user u USING (user_id) "
				"WHERE m.organization_id = $1 AND m.user_id <> $2 AND m.role = 'admin' "
				"AND u.disabled_at IS NULL LIMIT 1",
	};

	if (strcmp(role, "admin") == 0 &&
		rg_spi_execute_latest(&others, rg_int8(organization_id), rg_int8(user_id)) == 0)
		rg_fail(RG_CONFLICT, "The last admin of an organization cannot be removed or given another role",
				NULL, "Make another member an admin first.");
}

Jsonb *
rg_member_body(int64 organization_id, int64 user_id)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.member_body($1, $2)",
	};

	rg_spi_execute(&look, rg_int8(organization_id), rg_int8(user_id));
	return rg_catalog_jsonb(0, 1);
}

void
rg_member_record(const RgIdentity *identity, const char *action, int64 user_id, const char *before,
				 const char *after)
{
	static RgStatement make = {
		.text = "SELECT jsonb_strip_nulls(jsonb_build_object('user_id', $1, 'role_before', $2, 'role', $3))",
	};

	rg_spi_execute(&make, rg_int8(user_id), rg_text_or_null(before), rg_text_or_null(after));
	rg_audit_record(identity, action, 0, rg_catalog_jsonb(0, 1));
}

Jsonb *
rg_member_change_role(const RgIdentity *identity, int64 user_id, const char *role)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.membership SET role = $3 WHERE organization_id = $1 AND user_id = "
				"$2",
	};
	char *before = lock_role(identity->organization_id, user_id);

	if (strcmp(before, role) != 0)
	{
		keep_an_admin(identity->organization_id, user_id, before);
		rg_spi_execute(&update, rg_int8(identity->organization_id), rg_int8(user_id), rg_text(role));
		rg_member_record(identity, "member.role_changed", user_id, before, role);
	}
	return rg_member_body(identity->organization_id, user_id);
}

void
rg_member_remove(const RgIdentity *identity, int64 user_id)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.membership WHERE organization_id = $1 AND user_id = $2",
	};
	char *before = lock_role(identity->organization_id, user_id);

	keep_an_admin(identity->organization_id, user_id, before);
	rg_spi_execute(&remove, rg_int8(identity->organization_id), rg_int8(user_id));
	rg_member_record(identity, "member.removed", user_id, before, NULL);
}
