#include "foreign_table.h"

#include "catalog/pg_type.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "options.h"

void
rg_foreign_table_load(Oid oid, RgForeignTable *table)
{
	ForeignTable *foreign = GetForeignTable(oid);
	const char *schema = rg_fdw_option(foreign->options, "schema_name");
	const char *on_error = rg_fdw_option(foreign->options, "on_error");
	ForeignServer *server = GetForeignServer(foreign->serverid);

	table->oid = oid;
	table->server = server->servername;
	table->server_owner = server->owner;
	table->wrapper = GetForeignDataWrapper(server->fdwid)->fdwname;
	table->schema = schema != NULL ? schema : "";
	table->name = rg_fdw_option(foreign->options, "table_name");
	table->kind = rg_fdw_option(foreign->options, "kind");
	table->id = rg_fdw_option(foreign->options, "id");
	table->faults_become_null = on_error != NULL && strcmp(on_error, "null") == 0;
}

const char *
rg_foreign_column_name(const RgForeignTable *table, AttrNumber column)
{
	const char *name = rg_fdw_option(GetForeignColumnOptions(table->oid, column), "column_name");

	return name != NULL ? name : get_attname(table->oid, column, false);
}

/* numeric(10,2) is numeric, timestamp(3) with time zone is timestamp with time zone. */
static char *
without_modifier(const char *type)
{
	char *bare = pstrdup(type);
	char *open = strchr(bare, '(');
	char *close = open != NULL ? strchr(open, ')') : NULL;

	if (close != NULL)
		memmove(open, close + 1, strlen(close + 1) + 1);
	return bare;
}

bool
rg_foreign_column_has_same_type(const RgForeignTable *table, AttrNumber column, Oid type)
{
	const char *remote = rg_fdw_option(GetForeignColumnOptions(table->oid, column), "type");
	char *bare;

	if (remote == NULL)
		return false;
	bare = without_modifier(remote);
	return strcmp(bare, format_type_be(type)) == 0 ||
		   (type == TEXTOID && strcmp(bare, "character varying") == 0);
}
