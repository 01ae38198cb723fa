/* workspace.c — the workspaces of an organization. */
#include "workspace.h"

#include "settings.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "error.h"
#include "organization.h"
#include "sql.h"

#define THIS_WORKSPACE "organization_id = $1 AND workspace_id = $2"

Jsonb *
rg_workspace_page(int64 organization_id, int32 page, int32 page_size)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.workspace_page($1, $2, $3)",
	};

	rg_spi_read(&look, rg_int8(organization_id), rg_int4(page), rg_int4(page_size));
	return rg_catalog_jsonb(0, 1);
}

static Jsonb *
body_of(int64 organization_id, int64 workspace_id)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.workspace_body($1, $2)",
	};

	rg_spi_execute(&look, rg_int8(organization_id), rg_int8(workspace_id));
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_workspace_add(const RgIdentity *identity, const char *name)
{
	return body_of(identity->organization_id, rg_workspace_create(identity, name));
}

void
rg_workspace_lock(int64 organization_id, int64 workspace_id)
{
	static RgStatement lock = {
		.text = "SELECT FROM rivergen_catalog.workspace WHERE " THIS_WORKSPACE " FOR UPDATE",
	};

	if (rg_spi_execute(&lock, rg_int8(organization_id), rg_int8(workspace_id)) == 0)
		rg_fail_not_found("workspace", workspace_id);
}

static char *
name_of(int64 organization_id, int64 workspace_id)
{
	static RgStatement look = {
		.text = "SELECT name FROM rivergen_catalog.workspace WHERE " THIS_WORKSPACE,
	};

	rg_spi_execute(&look, rg_int8(organization_id), rg_int8(workspace_id));
	return rg_spi_text(0, 1);
}

void
rg_workspace_record(const RgIdentity *identity, const char *action, int64 workspace_id, const char *before,
					const char *name)
{
	static RgStatement make = {
		.text =
			"SELECT jsonb_strip_nulls(jsonb_build_object('workspace_id', $1, 'name_before', $2, 'name', $3))",
	};

	rg_spi_execute(&make, rg_int8(workspace_id), rg_text_or_null(before), rg_text(name));
	rg_audit_record(identity, action, 0, rg_catalog_jsonb(0, 1));
}

/*
 * The unique index decides which workspace has a name; PostgreSQL's message would show the index and the row.
 */
Jsonb *
rg_workspace_rename(const RgIdentity *identity, int64 workspace_id, const char *name)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.workspace SET name = $3 WHERE " THIS_WORKSPACE,
	};
	char *before = name_of(identity->organization_id, workspace_id);
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		rg_spi_execute(&update, rg_int8(identity->organization_id), rg_int8(workspace_id), rg_text(name));
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_UNIQUE_VIOLATION)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
		rg_fail(RG_CONFLICT, "Workspace with this name already exists", NULL, NULL);
	}
	PG_END_TRY();
	rg_workspace_record(identity, "workspace.renamed", workspace_id, before, name);
	return body_of(identity->organization_id, workspace_id);
}

static void
require_empty(int64 organization_id, int64 workspace_id)
{
	static RgStatement count = {
		.text = "SELECT count(*), count(deleted_at) FROM rivergen_catalog.data_source WHERE " THIS_WORKSPACE,
	};

	rg_spi_execute_latest(&count, rg_int8(organization_id), rg_int8(workspace_id));
	if (rg_spi_int64(0, 1) > 0)
		rg_fail(RG_CONFLICT, "Data sources are in this workspace",
				psprintf(INT64_FORMAT " of them, " INT64_FORMAT " of these deleted.", rg_spi_int64(0, 1),
						 rg_spi_int64(0, 2)),
				"rivergen.data_source_delete(id, force => true) really removes one.");
}

void
rg_workspace_delete(const RgIdentity *identity, int64 workspace_id)
{
	static RgStatement remove = {
		.text = "DELETE FROM rivergen_catalog.workspace WHERE " THIS_WORKSPACE,
	};

	require_empty(identity->organization_id, workspace_id);

	char *name = name_of(identity->organization_id, workspace_id);

	rg_spi_execute(&remove, rg_int8(identity->organization_id), rg_int8(workspace_id));
	rg_workspace_record(identity, "workspace.deleted", workspace_id, NULL, name);
}
