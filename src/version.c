#include "version.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "commands/dbcommands.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "error.h"
#include "sql.h"

/* The script's version in this database, or NULL. */
static char *
script_version(void)
{
	Relation extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	char *version = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("rivergen"));

	SysScanDesc scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	HeapTuple tuple = systable_getnext(scan);

	if (HeapTupleIsValid(tuple))
	{
		bool is_null;

		version = TextDatumGetCString(
			heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(extensions), &is_null));
	}
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return version;
}

RgVersionFit
rg_version_fit(void)
{
	char *version = script_version();

	if (version == NULL)
		return RG_VERSION_ABSENT;
	return strcmp(version, RG_VERSION) == 0 ? RG_VERSION_FITS : RG_VERSION_DIFFERS;
}

/*
 * The remedy depends on the installed files: a newer package needs a restart, an older script an upgrade, and
 * a script newer than every file the package that it came from.
 */
static char *
remedy(const char *script)
{
	static RgStatement look = {
		.text = "SELECT default_version, EXISTS (SELECT FROM pg_extension_update_paths('rivergen') "
				"WHERE source = $1 AND target = $2 AND path IS NOT NULL) "
				"FROM pg_available_extensions WHERE name = 'rivergen'",
	};

	if (rg_spi_execute(&look, rg_text(script), rg_text(RG_VERSION)) == 0)
		return pstrdup("Install the files of the extension rivergen.");
	if (strcmp(rg_spi_text(0, 1), RG_VERSION) != 0)
		return psprintf("Restart the server: version %s is installed, and the server has loaded version %s.",
						rg_spi_text(0, 1), RG_VERSION);
	if (rg_spi_bool(0, 2))
		return psprintf("Run ALTER EXTENSION rivergen UPDATE in database \"%s\".",
						get_database_name(MyDatabaseId));
	return psprintf("Install version %s of the package, or a newer one, and restart the server.", script);
}

RgVersionFault
rg_version_fault(void)
{
	MemoryContext memory = CurrentMemoryContext;
	char *version = script_version();

	SPI_connect();

	char *hint = remedy(version);

	hint = MemoryContextStrdup(memory, hint);
	SPI_finish();
	return (RgVersionFault){
		.version = version,
		.message = pstrdup("the extension is older or newer than the library"),
		.detail = psprintf("In database \"%s\" the extension is of version %s, the library of %s.",
						   get_database_name(MyDatabaseId), version, RG_VERSION),
		.hint = hint,
	};
}

void
rg_version_require(void)
{
	if (rg_version_fit() != RG_VERSION_DIFFERS)
		return;

	RgVersionFault fault = rg_version_fault();

	rg_fail(RG_UNAVAILABLE, fault.message, fault.detail, fault.hint);
}
