#include "options.h"

#include "access/reloptions.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_foreign_table.h"
#include "commands/defrem.h"
#include "fmgr.h"
#include "utils/builtins.h"

/*
 * A server and a user mapping have none: rivergen_catalog.attachment knows which source a server stands for,
 * and the source has its sealed credentials.
 */
typedef struct Option
{
	const char *name;
	Oid catalog;
	const char *const *words; /* NULL: any text but '' */
} Option;

static const char *const on_error[] = {"fail", "null", NULL};

static const Option known[] = {
	{"schema_name", ForeignTableRelationId}, /* may be '': not every source has schemas */
	{"table_name", ForeignTableRelationId},  {"id", ForeignTableRelationId},
	{"kind", ForeignTableRelationId},        {"on_error", ForeignTableRelationId, on_error},
	{"column_name", AttributeRelationId}, /* the local name unless given */
	{"type", AttributeRelationId},        /* the source's own */
};

PG_FUNCTION_INFO_V1(rg_sql_fdw_validator);

const char *
rg_fdw_option(List *options, const char *name)
{
	ListCell *cell;

	foreach (cell, options)
	{
		DefElem *option = lfirst(cell);

		if (strcmp(option->defname, name) == 0)
			return defGetString(option);
	}
	return NULL;
}

static const char *
names_of(Oid catalog)
{
	StringInfoData names;

	initStringInfo(&names);
	for (size_t i = 0; i < lengthof(known); i++)
		if (known[i].catalog == catalog)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", known[i].name);
	return names.data;
}

static const Option *
find_option(Oid catalog, const char *name)
{
	for (size_t i = 0; i < lengthof(known); i++)
		if (known[i].catalog == catalog && strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

static void
fail_unknown(Oid catalog, const char *name)
{
	const char *names = names_of(catalog);

	ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_OPTION_NAME), errmsg("invalid option \"%s\"", name),
					names[0] != '\0' ? errhint("Valid options in this context are: %s", names)
									 : errhint("There are no valid options in this context.")));
}

static bool
is_word_of(const Option *option, const char *value)
{
	for (const char *const *word = option->words; *word != NULL; word++)
		if (strcmp(*word, value) == 0)
			return true;
	return false;
}

static void
check_value(const Option *option, const char *value)
{
	if (option->words != NULL && !is_word_of(option, value))
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						errmsg("invalid value for option \"%s\": \"%s\"", option->name, value),
						errhint("Valid values are: %s, %s", option->words[0], option->words[1])));
	if (value[0] == '\0' && strcmp(option->name, "schema_name") != 0 &&
		strcmp(option->name, "column_name") != 0)
		ereport(ERROR, (errcode(ERRCODE_FDW_INVALID_ATTRIBUTE_VALUE),
						errmsg("option \"%s\" is empty", option->name)));
}

Datum
rg_sql_fdw_validator(PG_FUNCTION_ARGS)
{
	List *options = untransformRelOptions(PG_GETARG_DATUM(0));
	Oid catalog = PG_GETARG_OID(1);
	ListCell *cell;

	foreach (cell, options)
	{
		DefElem *given = lfirst(cell);
		const Option *option = find_option(catalog, given->defname);

		if (option == NULL)
			fail_unknown(catalog, given->defname);
		check_value(option, defGetString(given));
	}
	if (catalog == ForeignTableRelationId && rg_fdw_option(options, "table_name") == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OPTION_NAME_NOT_FOUND), errmsg("option \"table_name\" is missing"),
				 errdetail("It names the relation at the source."),
				 errhint("rivergen.attach() makes foreign tables with all their options.")));
	PG_RETURN_VOID();
}
