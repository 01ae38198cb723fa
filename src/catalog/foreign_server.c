#include "foreign_server.h"

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
