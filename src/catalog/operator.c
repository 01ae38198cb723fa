/*
 * operator.c — operators' lists of users and organizations; disabling users and closing organizations.
 */
#include "operator.h"

#include "settings.h"
#include "catalog/bounded.h"
#include "catalog/audit.h"
#include "catalog/event.h"
#include "catalog/identity.h"
#include "error.h"
#include "sql.h"

static Jsonb *
read_page(RgStatement *look, int32 page, int32 page_size)
{
	rg_spi_read(look, rg_int4(page), rg_int4(page_size));
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_user_page(int32 page, int32 page_size)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.user_page($1, $2)",
	};

	return read_page(&look, page, page_size);
}

Jsonb *
rg_organization_page(int32 page, int32 page_size)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.organization_page($1, $2)",
	};

	return read_page(&look, page, page_size);
}

Jsonb *
rg_audit_page(int64 organization_id, int32 page, int32 page_size)
{
	static RgStatement measure = {
		.text = "SELECT rivergen_catalog.audit_page_bytes($1, $2, $3)",
	};
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.audit_page($1, $2, $3)",
	};

	rg_spi_read(&measure, rg_int8(organization_id), rg_int4(page), rg_int4(page_size));
	rg_bounded_require(rg_spi_int64(0, 1), "Ask for a smaller page (page_size).");
	rg_spi_read(&look, rg_int8(organization_id), rg_int4(page), rg_int4(page_size));
	return rg_catalog_jsonb(0, 1);
}

/* Adds an entry to the installation's trail and to that of each organization of the user. */
static void
record_in_each(int64 user_id, const char *action)
{
	static RgStatement insert = {
		.text =
			"INSERT INTO rivergen_catalog.audit (organization_id, action, detail) "
			"SELECT o, $2, jsonb_build_object('user_id', $1) FROM (SELECT 0 UNION ALL SELECT organization_id "
			"FROM rivergen_catalog.membership WHERE user_id = $1) m (o)",
	};

	rg_spi_execute(&insert, rg_int8(user_id), rg_text(action));
}

static void
lock_user(int64 user_id)
{
	static RgStatement lock = {
		.text = "SELECT FROM rivergen_catalog.app_user WHERE user_id = $1 FOR NO KEY UPDATE",
	};

	if (rg_spi_execute(&lock, rg_int8(user_id)) == 0)
		rg_fail_not_found("user", user_id);
}

Jsonb *
rg_user_set_disabled(int64 user_id, bool disabled)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.app_user SET disabled_at = CASE WHEN $2 THEN now() END "
				"WHERE user_id = $1 AND (disabled_at IS NOT NULL) <> $2",
	};
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.user_body($1)",
	};

	lock_user(user_id);
	if (rg_spi_execute(&update, rg_int8(user_id), rg_bool(disabled)) > 0)
		record_in_each(user_id, disabled ? "user.disabled" : "user.enabled");
	rg_spi_execute(&look, rg_int8(user_id));
	return rg_catalog_jsonb(0, 1);
}

/*
 * Sources are locked before the organization, since the second change of a source in a transaction locks the
 * organization.
 */
static void
lock_sources(int64 organization_id)
{
	static RgStatement lock = {
		.text = "SELECT FROM rivergen_catalog.data_source WHERE organization_id = $1 "
				"ORDER BY data_source_id FOR UPDATE",
	};

	rg_spi_execute(&lock, rg_int8(organization_id));
}

/* The row is locked against new members, workspaces and sources, all of which refer to it. */
static void
lock_organization(int64 organization_id)
{
	static RgStatement lock = {
		.text = "SELECT name FROM rivergen_catalog.organization WHERE organization_id = $1 FOR UPDATE",
	};

	if (rg_spi_execute(&lock, rg_int8(organization_id)) == 0)
		rg_fail_not_found("organization", organization_id);
}

static Jsonb *
count_contents(int64 organization_id)
{
	static RgStatement count = {
		.text = "SELECT jsonb_build_object('organization_id', $1, "
				"'data_sources', (SELECT count(*) FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1), "
				"'members', (SELECT count(*) FROM rivergen_catalog.membership WHERE organization_id = $1))",
	};

	rg_spi_execute(&count, rg_int8(organization_id));
	return rg_catalog_jsonb(0, 1);
}

/*
 * Sources are deleted first, because their reference to workspaces does not cascade. All other references do.
 */
Jsonb *
rg_organization_close(int64 organization_id)
{
	static RgStatement removals[] = {
		{.text = "DELETE FROM rivergen_catalog.data_source WHERE organization_id = $1"},
		{.text = "DELETE FROM rivergen_catalog.audit WHERE organization_id = $1"},
		{.text = "DELETE FROM rivergen_catalog.organization WHERE organization_id = $1"},
	};
	RgIdentity installation = rg_operator(RG_INSTALLATION);
	Jsonb *removed;

	lock_sources(organization_id);
	lock_organization(organization_id);
	removed = count_contents(organization_id);
	for (int i = 0; i < (int) lengthof(removals); i++)
		rg_spi_execute(&removals[i], rg_int8(organization_id));
	rg_audit_record(&installation, "organization.closed", 0, removed);
	rg_event(RG_EVENT_ORGANIZATION_CLOSED, organization_id, 0, 0);
	return removed;
}
