/*
 * attachment.c — calls of the functions that attach and detach, and the role that owns what they make.
 */
#include "attachment.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "catalog/audit.h"
#include "catalog/bounded.h"
#include "catalog/settings.h"
#include "error.h"
#include "sql.h"

Oid
rg_attachment_role(const RgIdentity *identity)
{
	static RgStatement look = {.text = "SELECT rivergen_catalog.attachment_role($1)"};

	rg_identity_require_own_call();
	if (!rg_session_is_gateway())
		return GetOuterUserId();
	rg_spi_execute(&look, rg_int8(identity->organization_id));
	if (rg_spi_is_null(0, 1))
		rg_fail(RG_FORBIDDEN, "this organization has no role of its own",
				"Tenants of a gateway share one role, which must not act for one of them.",
				"An operator can name one for the organization.\n"
				"The function is rivergen.organization_set_attachment_role.");

	bool is_null;

	return DatumGetObjectId(rg_spi_datum(0, 1, &is_null));
}

void
rg_attachment_require_source(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.data_source WHERE organization_id = $1 AND data_source_id = $2",
	};

	if (rg_spi_execute(&look, rg_int8(identity->organization_id), rg_int8(data_source_id)) == 0)
		rg_fail_not_found("data source", data_source_id);
}

void
rg_attachment_require_capability(const RgIdentity *identity, int64 data_source_id, const char *capability)
{
	static RgStatement look = {
		.text = "SELECT d.type, coalesce(CASE WHEN d.type = 'other' THEN 'Foreign tables of the server ' "
				"|| quote_ident(d.metadata ->> 'foreign_server') "
				"|| ' read its relations: IMPORT FOREIGN SCHEMA makes them.' END, "
				"CASE WHEN $3 = 'query' AND 'read' = ANY (s.capabilities) "
				"THEN 'Its relations can be attached as foreign tables, and their rows be read.' END) "
				"FROM rivergen_catalog.data_source_state s "
				"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "
				"WHERE s.organization_id = $1 AND s.data_source_id = $2 AND NOT $3 = ANY (s.capabilities)",
	};

	if (rg_spi_execute(&look, rg_int8(identity->organization_id), rg_int8(data_source_id),
					   rg_text(capability)) > 0)
		rg_fail(RG_NOT_IMPLEMENTED,
				psprintf("sources of type %s cannot be %s", rg_spi_text(0, 1),
						 strcmp(capability, "query") == 0 ? "queried in their own words" : "read in place"),
				psprintf("The connector lacks the capability %s.", capability),
				rg_spi_is_null(0, 2) ? NULL : rg_spi_text(0, 2));
}

/* Columns of the row: status, message, detail, hint, from the given one on. */
static void
fail_when_refused(int column)
{
	if (!rg_spi_is_null(0, column))
		rg_fail(rg_spi_int32(0, column), rg_spi_text(0, column + 1), rg_spi_text(0, column + 2),
				rg_spi_text(0, column + 3));
}

static void
record(const RgIdentity *identity, const char *action, int64 data_source_id, const Jsonb *answer)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object('local_schemas', $1 -> 'local_schemas', 'tables_count', "
				"$1 -> 'tables_count')",
	};

	rg_spi_execute(&make, rg_jsonb(answer));
	rg_audit_record(identity, action, data_source_id, rg_catalog_jsonb(0, 1));
}

static RgArgument
array_or_null(const ArrayType *array)
{
	return array != NULL ? rg_pointer(array, TEXTARRAYOID) : rg_null(TEXTARRAYOID);
}

Jsonb *
rg_attachment_make(const RgIdentity *identity, Oid role, const RgAttaching *attaching)
{
	static RgStatement attach = {
		.text = "SELECT answer, status, message, detail, hint "
				"FROM rivergen_catalog.attach($1, $2, $3, $4, $5, $6, $7, $8)",
	};
	Jsonb *answer;

	rg_spi_execute(&attach, rg_int8(identity->organization_id), rg_int8(attaching->data_source_id),
				   rg_int8(identity->user_id), rg_oid(role), rg_text_or_null(attaching->local_schema),
				   array_or_null(attaching->schemas), array_or_null(attaching->tables),
				   rg_bool(attaching->dry_run));
	fail_when_refused(2);
	answer = rg_catalog_jsonb(0, 1);
	if (!attaching->dry_run)
		record(identity, "data_source.attached", attaching->data_source_id, answer);
	return answer;
}

bool
rg_attachment_is_own(Oid role, const RgDetaching *detaching)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.detachable(NULL, nullif($1, 0), $2, $3, true)",
	};

	return rg_spi_execute(&look, rg_int8(detaching->data_source_id), rg_text_or_null(detaching->local_schema),
						  rg_oid(role)) > 0;
}

/* The entry belongs to the organization of the source, which need not be the caller's own. */
static void
record_removal(const RgIdentity *identity, int64 organization_id, int64 data_source_id, const Jsonb *answer)
{
	RgIdentity caller = *identity;

	caller.organization_id = organization_id;
	record(&caller, "data_source.detached", data_source_id, answer);
}

Jsonb *
rg_attachment_remove(const RgIdentity *identity, Oid role, const RgDetaching *detaching)
{
	static RgStatement detach = {
		.text = "SELECT answer, source, organization, status, message, detail, hint "
				"FROM rivergen_catalog.detach($1, nullif($2, 0), $3, $4, $5, $6)",
	};
	int64 source;
	int64 organization;
	Jsonb *answer;

	rg_spi_execute(&detach, rg_int8(identity->organization_id), rg_int8(detaching->data_source_id),
				   rg_text_or_null(detaching->local_schema), rg_oid(role), rg_bool(!rg_session_is_gateway()),
				   rg_bool(detaching->force));
	fail_when_refused(4);
	source = rg_spi_int64(0, 2);
	organization = rg_spi_int64(0, 3);
	answer = rg_catalog_jsonb(0, 1);
	record_removal(identity, organization, source, answer);
	return answer;
}

static void
require_role(const char *role_name)
{
	static RgStatement look = {
		.text =
			"SELECT CASE WHEN r.rolname IS NULL THEN 'does not exist' WHEN r.rolsuper THEN 'is a superuser' "
			"WHEN EXISTS (SELECT FROM rivergen_catalog.gateway_roles() g WHERE g.role = r.oid) "
			"THEN 'is the login role of a gateway' END "
			"FROM (SELECT) o LEFT JOIN pg_roles r ON r.rolname = $1",
	};

	rg_spi_execute(&look, rg_text(role_name));
	if (!rg_spi_is_null(0, 1))
		rg_fail(RG_BAD_REQUEST, "Invalid request data", psprintf("role_name: %s", rg_spi_text(0, 1)),
				"Make a role for the organization: CREATE ROLE, and GRANT CREATE ON DATABASE to it.");
}

Jsonb *
rg_attachment_set_role(int64 organization_id, const char *role_name)
{
	static RgStatement set = {
		.text =
			"UPDATE rivergen_catalog.organization SET attachment_role = $2::name WHERE organization_id = $1 "
			"RETURNING jsonb_build_object('organization_id', organization_id, 'role_name', "
			"attachment_role)",
	};
	RgIdentity operator= rg_operator(organization_id);
	Jsonb *answer;

	if (role_name != NULL)
		require_role(role_name);
	if (rg_spi_execute(&set, rg_int8(organization_id), rg_text_or_null(role_name)) == 0)
		rg_fail_not_found("organization", organization_id);
	answer = rg_catalog_jsonb(0, 1);
	rg_audit_record(&operator, "organization.attachment_role_set", 0, answer);
	return answer;
}
