/*
 * The functions of the catalog are called by their oid: the role that plans has no right to use their schema,
 * and needs none, because they run with the rights of the extension's owner.
 */
#include "facts.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "error.h"

static Oid
find_function(const char *name)
{
	Oid types[] = {NAMEOID, TEXTOID, TEXTOID};
	Oid schema = get_namespace_oid("rivergen_catalog", true);
	Oid function =
		GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						PointerGetDatum(buildoidvector(types, lengthof(types))), ObjectIdGetDatum(schema));

	if (!OidIsValid(function))
		rg_fail(RG_UNAVAILABLE, "the extension is older or newer than the library",
				psprintf("The function rivergen_catalog.%s is missing.", name),
				"Update the extension: ALTER EXTENSION rivergen UPDATE.");
	return function;
}

static HeapTupleHeader
call(Oid function, const RgForeignTable *table)
{
	NameData server;

	namestrcpy(&server, table->server);
	return DatumGetHeapTupleHeader(OidFunctionCall3(function, NameGetDatum(&server),
													CStringGetTextDatum(table->schema),
													CStringGetTextDatum(table->name)));
}

/* What others made of the wrapper, or were given, stands for no source. The extension's owner owns
 * its functions. */
static bool
is_of_extension(const RgForeignTable *table, Oid function)
{
	HeapTuple found = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid owner = HeapTupleIsValid(found) ? ((Form_pg_proc) GETSTRUCT(found))->proowner : InvalidOid;

	if (HeapTupleIsValid(found))
		ReleaseSysCache(found);
	return table->server_owner == owner && strcmp(table->wrapper, "rivergen") == 0;
}

static bool
is_true(HeapTupleHeader row, const char *name)
{
	bool is_null;
	Datum value = GetAttributeByName(row, name, &is_null);

	return !is_null && DatumGetBool(value);
}

static List *
texts(HeapTupleHeader row, const char *name)
{
	bool is_null;
	Datum value = GetAttributeByName(row, name, &is_null);
	Datum *elements;
	int count;
	List *list = NIL;

	if (is_null)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &count);
	for (int i = 0; i < count; i++)
		list = lappend(list, TextDatumGetCString(elements[i]));
	return list;
}

void
rg_facts_load(const RgForeignTable *table, RgFacts *facts)
{
	Oid function = find_function("foreign_table_facts");
	HeapTupleHeader row;
	bool is_null;
	Datum value;

	*facts = (RgFacts){.rows = -1};
	if (!is_of_extension(table, function))
		return;
	row = call(function, table);
	value = GetAttributeByName(row, "source_name", &is_null);
	facts->source = is_null ? NULL : TextDatumGetCString(value);
	value = GetAttributeByName(row, "organization_id", &is_null);
	facts->organization_id = is_null ? 0 : DatumGetInt64(value);
	value = GetAttributeByName(row, "row_estimate", &is_null);
	facts->rows = is_null ? -1 : (double) DatumGetInt64(value);
	facts->pushes = is_true(row, "pushes");
	/* A value that becomes NULL here fulfils other conditions than at the source. */
	facts->exact = is_true(row, "exact") && facts->pushes && !table->faults_become_null;
}

void
rg_facts_load_keys(const RgForeignTable *table, RgFacts *facts)
{
	HeapTupleHeader row;

	if (facts->has_keys)
		return;
	row = call(find_function("foreign_table_keys"), table);
	facts->indexed = texts(row, "indexed");
	facts->unique = texts(row, "unique");
	facts->has_keys = true;
}

bool
rg_facts_names(List *names, const char *column)
{
	ListCell *cell;

	foreach (cell, names)
		if (strcmp(lfirst(cell), column) == 0)
			return true;
	return false;
}
