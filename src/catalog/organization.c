/*
 * organization.c — creating organizations, workspaces, users and memberships.
 */
#include "organization.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog/audit.h"
#include "catalog/identity.h"
#include "catalog/members.h"
#include "error.h"
#include "sql.h"
#include "workspace.h"

/* Callers hold the lock of rg_setup_lock, so that the name stays free. */
static void
require_free_name(const char *name)
{
	static RgStatement find = {
		.text = "SELECT FROM rivergen_catalog.organization WHERE name = $1",
	};

	if (rg_spi_execute(&find, rg_text(name)) > 0)
		rg_fail(RG_CONFLICT, "Organization with this name already exists", NULL,
				"Choose another name, or have its operator or an admin add members to it.");
}

int64
rg_organization_create(const char *name)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.organization (name) VALUES ($1) "
				"RETURNING organization_id",
	};
	static RgStatement insert_queue = {
		.text = "INSERT INTO rivergen_catalog.organization_queue (organization_id) VALUES ($1)",
	};
	int64 organization_id;

	require_free_name(name);
	rg_spi_execute(&insert, rg_text(name));
	organization_id = rg_spi_int64(0, 1);
	rg_spi_execute(&insert_queue, rg_int8(organization_id));
	rg_audit_installation("organization.created", "organization_id", organization_id);
	return organization_id;
}

bool
rg_organization_hold(int64 organization_id)
{
	static RgStatement hold = {
		.text = "SELECT 1 FROM rivergen_catalog.organization WHERE organization_id = $1 FOR KEY SHARE",
	};

	return rg_spi_execute(&hold, rg_int8(organization_id)) > 0;
}

static void
hold_organization(int64 organization_id)
{
	if (!rg_organization_hold(organization_id))
		rg_fail_not_found("organization", organization_id);
}

int64
rg_workspace_create(const RgIdentity *identity, const char *name)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.workspace (organization_id, name) VALUES ($1, $2) "
				"ON CONFLICT (organization_id, name) DO NOTHING RETURNING workspace_id",
	};
	int64 workspace_id;

	hold_organization(identity->organization_id);
	if (rg_spi_execute(&insert, rg_int8(identity->organization_id), rg_text(name)) == 0)
		rg_fail(RG_CONFLICT, "Workspace with this name already exists", NULL, NULL);
	workspace_id = rg_spi_int64(0, 1);
	rg_workspace_record(identity, "workspace.created", workspace_id, NULL, name);
	return workspace_id;
}

int64
rg_user_create(const char *subject, const char *role_name)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.app_user (subject, role_name) VALUES ($1, $2::name) "
				"ON CONFLICT DO NOTHING RETURNING user_id",
	};
	int64 user_id;

	if (rg_spi_execute(&insert, rg_text_or_null(subject), rg_text_or_null(role_name)) == 0)
		rg_fail(RG_CONFLICT, "User with this subject or role already exists", NULL, NULL);
	user_id = rg_spi_int64(0, 1);
	rg_audit_installation("user.created", "user_id", user_id);
	return user_id;
}

static void
hold_user(int64 user_id)
{
	static RgStatement hold = {
		.text = "SELECT 1 FROM rivergen_catalog.app_user WHERE user_id = $1 FOR KEY SHARE",
	};

	if (rg_spi_execute(&hold, rg_int8(user_id)) == 0)
		rg_fail_not_found("user", user_id);
}

void
rg_membership_add(const RgIdentity *identity, int64 user_id, const char *role)
{
	static RgStatement insert = {
		.text =
			"INSERT INTO rivergen_catalog.membership (organization_id, user_id, role) VALUES ($1, $2, $3) "
			"ON CONFLICT (organization_id, user_id) DO NOTHING",
	};

	hold_organization(identity->organization_id);
	hold_user(user_id);
	if (rg_spi_execute(&insert, rg_int8(identity->organization_id), rg_int8(user_id), rg_text(role)) == 0)
		rg_fail(RG_CONFLICT, "User is already a member of this organization", NULL, NULL);
	rg_member_record(identity, "member.added", user_id, NULL, role);
}

bool
rg_workspace_hold(int64 organization_id, int64 workspace_id)
{
	static RgStatement hold = {
		.text = "SELECT 1 FROM rivergen_catalog.workspace WHERE organization_id = $1 AND workspace_id = $2 "
				"FOR KEY SHARE",
	};

	return rg_organization_hold(organization_id) &&
		   rg_spi_execute(&hold, rg_int8(organization_id), rg_int8(workspace_id)) > 0;
}

void
rg_setup_lock(void)
{
	static RgStatement lock = {.text = "LOCK TABLE rivergen_catalog.app_user IN SHARE ROW EXCLUSIVE MODE"};

	rg_spi_execute(&lock);
}

int64
rg_user_ensure(const char *role_name)
{
	static RgStatement find = {
		.text = "SELECT user_id FROM rivergen_catalog.app_user WHERE role_name = $1::name",
	};

	if (rg_spi_execute(&find, rg_text(role_name)) > 0)
		return rg_spi_int64(0, 1);
	return rg_user_create(role_name, role_name);
}

/*
 * A different name in a second quick_start is more often a typing error than a wish for a second
 * organization.
 */
static void
require_no_other_organization(int64 user_id)
{
	static RgStatement find = {
		.text = "SELECT o.name FROM rivergen_catalog.organization o "
				"JOIN rivergen_catalog.membership m USING (organization_id) "
				"WHERE m.user_id = $1 ORDER BY m.created_at, o.organization_id LIMIT 1",
	};

	if (rg_spi_execute(&find, rg_int8(user_id)) > 0)
		rg_fail(RG_CONFLICT, "the role of the session is a member of another organization already",
				psprintf("It is %s.", rg_spi_text(0, 1)),
				"Give that name, or make a second organization with rivergen.organization_create and "
				"rivergen.membership_add.");
}

int64
rg_organization_ensure(const char *name, int64 admin_user_id)
{
	static RgStatement find = {
		.text =
			"SELECT o.organization_id FROM rivergen_catalog.organization o "
			"JOIN rivergen_catalog.membership m USING (organization_id) "
			"WHERE o.name = $1 AND m.user_id = $2 AND m.role = 'admin' ORDER BY o.organization_id LIMIT 1",
	};
	RgIdentity founder;

	if (rg_spi_execute(&find, rg_text(name), rg_int8(admin_user_id)) > 0)
		return rg_spi_int64(0, 1);
	require_no_other_organization(admin_user_id);
	founder = rg_operator(rg_organization_create(name));
	rg_membership_add(&founder, admin_user_id, "admin");
	return founder.organization_id;
}

int64
rg_workspace_ensure(int64 organization_id, const char *name)
{
	static RgStatement find = {
		.text =
			"SELECT workspace_id FROM rivergen_catalog.workspace WHERE organization_id = $1 AND name = $2",
	};

	RgIdentity founder = rg_operator(organization_id);

	if (rg_spi_execute(&find, rg_int8(organization_id), rg_text(name)) > 0)
		return rg_spi_int64(0, 1);
	return rg_workspace_create(&founder, name);
}
