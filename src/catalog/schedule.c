#include "catalog/schedule.h"

#include "sql.h"

#define OF_THIS_SOURCE                                                                                       \
	"FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 AND d.data_source_id = $2 "            \
	"AND s.organization_id = $1 AND s.data_source_id = $2 "                                                  \
	"AND (d.schema_auto_refresh OR s.next_discovery_at IS NOT NULL OR s.crashes > 0)"

void
rg_schedule_next(int64 organization_id, int64 data_source_id, bool failed)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state s SET "
				"discovery_failures = CASE WHEN $3 THEN s.discovery_failures + 1 ELSE 0 END, "
				"next_discovery_at = CASE WHEN d.schema_auto_refresh AND s.quarantined_at IS NULL THEN "
				"rivergen_catalog.within_window(d.metadata, clock_timestamp() "
				"+ rivergen_catalog.refresh_delay(d.schema_refresh_interval, "
				"CASE WHEN $3 THEN s.discovery_failures + 1 ELSE 0 END)) END " OF_THIS_SOURCE,
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id), rg_bool(failed));
}

void
rg_schedule_for_opening(int64 organization_id, int64 data_source_id)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.data_source_state s SET "
				"next_discovery_at = rivergen_catalog.within_window(d.metadata, now()) " OF_THIS_SOURCE
				" AND d.schema_auto_refresh AND s.quarantined_at IS NULL "
				"AND rivergen_catalog.within_window(d.metadata, now()) > now()",
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id));
}

void
rg_schedule_anew(int64 organization_id, int64 data_source_id)
{
	static RgStatement update = {
		.text =
			"UPDATE rivergen_catalog.data_source_state s SET discovery_failures = 0, "
			"crashes = 0, quarantined_at = NULL, next_test_at = NULL, "
			"next_discovery_at = CASE WHEN NOT d.schema_auto_refresh THEN NULL "
			"ELSE rivergen_catalog.within_window(d.metadata, "
			"CASE WHEN rivergen_catalog.has_current_patterns($1, $2) THEN greatest(now(), s.full_discovered_at "
			"+ rivergen_catalog.refresh_delay(d.schema_refresh_interval, 0)) "
			"ELSE now() END) END " OF_THIS_SOURCE,
	};

	rg_spi_execute(&update, rg_int8(organization_id), rg_int8(data_source_id));
}
