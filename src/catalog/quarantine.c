#include "catalog/quarantine.h"

#include <limits.h>

#include "utils/guc.h"

#include "catalog/schedule.h"
#include "sql.h"

static int max_crashes = 3;

void
rg_quarantine_init(void)
{
	DefineCustomIntVariable("rivergen.max_crashes",
							"Crashes after which a data source is left alone until a person acts.",
							"Of its connector or of a worker, without a discovery that succeeded in between.",
							&max_crashes, 3, 1, INT_MAX, PGC_SIGHUP, 0, NULL, NULL, NULL);
}

bool
rg_quarantine_crashed(int64 organization_id, int64 data_source_id, const char *message)
{
	static RgStatement count = {
		.text = "UPDATE rivergen_catalog.data_source_state SET crashes = crashes + 1, status = 'failed' "
				"WHERE organization_id = $1 AND data_source_id = $2 RETURNING crashes",
	};
	static RgStatement isolate = {
		.text =
			"UPDATE rivergen_catalog.data_source_state SET quarantined_at = coalesce(quarantined_at, now()), "
			"next_discovery_at = NULL, next_test_at = NULL, failure_reason = format('quarantined after %s crashes, the last: %s', "
			"crashes, $3) WHERE organization_id = $1 AND data_source_id = $2",
	};

	if (rg_spi_execute(&count, rg_int8(organization_id), rg_int8(data_source_id)) == 0 ||
		rg_spi_int32(0, 1) < max_crashes)
		return false;
	rg_spi_execute(&isolate, rg_int8(organization_id), rg_int8(data_source_id), rg_text(message));
	return true;
}

bool
rg_quarantine_end(int64 organization_id, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.data_source_state "
				"WHERE organization_id = $1 AND data_source_id = $2 AND crashes > 0",
	};

	if (rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id)) == 0)
		return false;
	rg_schedule_anew(organization_id, data_source_id);
	return true;
}
