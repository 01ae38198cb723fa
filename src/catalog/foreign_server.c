#include "foreign_server.h"

#include "catalog/pg_type.h"

#include "attachment.h"
#include "error.h"
#include "settings.h"
#include "sql.h"

Jsonb *
rg_wrapped_server_list(Oid role)
{
	static RgStatement list = {.text = "SELECT rivergen_catalog.list_foreign_servers($1)"};

	rg_spi_execute(&list, rg_oid(role));
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_wrapped_server_definition(Oid role, const char *server_name, const char *name, Jsonb **left_out)
{
	static RgStatement look = {
		.text = "SELECT definition, left_out, status, message, detail, hint "
				"FROM rivergen_catalog.definition_from_foreign_server($1, $2, $3)",
	};

	rg_spi_execute(&look, rg_oid(role), rg_text(server_name), rg_text_or_null(name));
	if (!rg_spi_is_null(0, 3))
		rg_fail(rg_spi_int32(0, 3), rg_spi_text(0, 4), rg_spi_text(0, 5), rg_spi_text(0, 6));
	*left_out = rg_catalog_jsonb(0, 2);
	return rg_catalog_jsonb(0, 1);
}

void
rg_wrapped_server_require_admin(const RgIdentity *identity, Jsonb *request, Jsonb *current)
{
	static RgStatement look = {.text = "SELECT rivergen_catalog.newly_wrapped_server($1, $2)"};
	static RgStatement ask = {.text = "SELECT rivergen_catalog.may_use_foreign_server($1, $2)"};
	const char *server_name;

	if (request == NULL)
		return;
	rg_spi_execute(&look, rg_jsonb(request), rg_jsonb_or_null(current));
	if (rg_spi_is_null(0, 1))
		return;
	server_name = rg_spi_text(0, 1);
	if (identity->role != RG_ADMIN)
		rg_fail(RG_FORBIDDEN, "Only an admin may register a foreign server",
				"Its foreign data wrapper runs inside of this database server.",
				"Leave metadata.foreign_server as it is, or ask an admin.");
	rg_spi_execute(&ask, rg_oid(rg_attachment_role(identity)), rg_text(server_name));
	if (!rg_spi_bool(0, 1))
		rg_fail(RG_FORBIDDEN, "the caller's role may not use this foreign server",
				psprintf("metadata.foreign_server is \"%s\"", server_name),
				"GRANT USAGE ON FOREIGN SERVER to the role, or name another server.");
}
