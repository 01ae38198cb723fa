#include "catalog/home.h"

#include "sql.h"

static bool
is_copy(void)
{
	static RgStatement look = {.text = "SELECT rivergen_catalog.is_copy()"};

	rg_spi_execute(&look);
	return rg_spi_bool(0, 1);
}

static void
record(void)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.home (system_identifier, database_id) "
				"SELECT t.system_identifier, t.database_id FROM rivergen_catalog.this_home() t "
				"WHERE NOT EXISTS (SELECT FROM rivergen_catalog.home)",
	};

	rg_spi_execute(&insert);
}

bool
rg_home_is_here(void)
{
	if (is_copy())
		return false;
	record();
	return true;
}

bool
rg_home_acknowledge(void)
{
	static RgStatement forget = {.text = "DELETE FROM rivergen_catalog.home"};
	bool was_copy = is_copy();

	if (was_copy)
	{
		rg_spi_execute(&forget);
		record();
	}
	return was_copy;
}
