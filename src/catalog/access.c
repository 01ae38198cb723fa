/*
 * access.c — the rights that tenants' roles are granted. The functions are listed by name, so that a new
 * function is closed to tenants until it is added here.
 */
#include "access.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "sql.h"

/* clang-format off */
#define TENANT_FUNCTIONS \
	"'administered_organization_id', " \
	"'attach', " \
	"'catalog_apply', " \
	"'catalog_export', " \
	"'current_organization_id', " \
	"'data_source_create', " \
	"'data_source_databases', " \
	"'data_source_delete', " \
	"'data_source_forget_host_key', " \
	"'data_source_from_foreign_server', " \
	"'data_source_get', " \
	"'data_source_health', " \
	"'data_source_list', " \
	"'data_source_list_foreign_servers', " \
	"'data_source_restore', " \
	"'data_source_schemas', " \
	"'data_source_set_status', " \
	"'data_source_test', " \
	"'data_source_types', " \
	"'data_source_update', " \
	"'data_source_update_credentials', " \
	"'detach', " \
	"'discover_all', " \
	"'discover_schema', " \
	"'http', " \
	"'invitation_accept', " \
	"'invitation_decline', " \
	"'invitation_list', " \
	"'invitation_withdraw', " \
	"'job_cancel', " \
	"'job_get', " \
	"'job_list', " \
	"'job_progress', " \
	"'member_add', " \
	"'member_list', " \
	"'member_remove', " \
	"'member_set_role', " \
	"'query', " \
	"'query_rows', " \
	"'rows', " \
	"'schema_as_of', " \
	"'schema_context', " \
	"'search', " \
	"'sealing_key', " \
	"'table_description_apply', " \
	"'table_description_coverage', " \
	"'table_description_export', " \
	"'table_description_get', " \
	"'table_description_list', " \
	"'table_description_refresh', " \
	"'table_description_scan', " \
	"'table_description_update', " \
	"'workspace_add', " \
	"'workspace_delete', " \
	"'workspace_list', " \
	"'workspace_rename' "
/* clang-format on */

static void
run_grant(const char *statement)
{
	if (SPI_execute(statement, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not grant: %s", SPI_result_code_string(SPI_result));
}

/* Counts inherited rights too, as PostgreSQL does when the role calls a function. */
char *
rg_access_missing(Oid role)
{
	static RgStatement missing = {
		.text = "SELECT string_agg(m.object, ', ' ORDER BY m.object) FROM ("
				"SELECT 'schema rivergen' AS object WHERE NOT has_schema_privilege($1, 'rivergen', 'USAGE') "
				"UNION ALL SELECT format('%I.%I', nspname, proname) FROM pg_proc p "
				"JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'rivergen' AND proname IN "
				"(" TENANT_FUNCTIONS ") AND NOT has_function_privilege($1, p.oid, 'EXECUTE') "
				"UNION ALL SELECT format('%I.%I', nspname, relname) FROM pg_class c "
				"JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'rivergen' AND relkind = 'v' "
				"AND NOT has_table_privilege($1, c.oid, 'SELECT')) m",
	};

	rg_spi_execute(&missing, rg_oid(role));
	return rg_spi_is_null(0, 1) ? NULL : rg_spi_text(0, 1);
}

/* The statement returns GRANT statements without their last word, the role. */
static void
grant_each(RgStatement *statement, const char *role)
{
	uint64 count = rg_spi_execute(statement);
	char **grants = palloc(sizeof(char *) * Max(count, 1));

	for (uint64 i = 0; i < count; i++)
		grants[i] = rg_spi_text(i, 1);
	for (uint64 i = 0; i < count; i++)
		run_grant(psprintf("%s %s", grants[i], role));
}

void
rg_access_grant(Oid role)
{
	static RgStatement functions = {
		.text = "SELECT format('GRANT EXECUTE ON FUNCTION %s TO', p.oid::regprocedure) FROM pg_proc p "
				"JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'rivergen' AND proname IN "
				"(" TENANT_FUNCTIONS ") "
				"ORDER BY proname, p.oid",
	};
	static RgStatement views = {
		.text = "SELECT format('GRANT SELECT ON %s TO', c.oid::regclass) FROM pg_class c "
				"JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'rivergen' AND relkind = 'v' "
				"ORDER BY relname",
	};
	const char *name = quote_identifier(GetUserNameFromId(role, false));

	run_grant(psprintf("GRANT USAGE ON SCHEMA rivergen TO %s", name));
	grant_each(&functions, name);
	grant_each(&views, name);
}
