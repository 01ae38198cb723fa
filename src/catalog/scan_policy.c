/*
 * scan_policy.c — the masking of scan results, and deleting results that metadata.scan no longer allows.
 */
#include "scan_policy.h"

#include "catalog/pg_type.h"

#include "catalog/identity.h"
#include "error.h"
#include "sql.h"

/*
 * True if the request switches masking off. A malformed request is reported by rg_check_create and
 * rg_check_update.
 */
static bool
is_unmasked_by(Jsonb *request, Jsonb *current)
{
	static RgStatement compare = {
		.text = "SELECT $1 @> m.off AND NOT coalesce($2 @> m.off, false) "
				"FROM (VALUES ('{\"metadata\": {\"scan\": {\"masking\": false}}}'::jsonb)) m (off)",
	};

	rg_spi_execute(&compare, rg_jsonb(request), rg_jsonb_or_null(current));
	return rg_spi_bool(0, 1);
}

void
rg_scan_require_masking(const RgIdentity *identity, Jsonb *request, Jsonb *current)
{
	if (identity->role == RG_ADMIN || request == NULL || !is_unmasked_by(request, current))
		return;
	rg_fail(RG_FORBIDDEN, "Only an admin may switch off the masking of scans",
			"Secrets and personal data of the source would be shown to every member of the organization.",
			"Leave metadata.scan.masking out, or ask an admin.");
}

void
rg_scan_forget_unwanted(int64 organization_id, int64 data_source_id, Jsonb *current)
{
	static RgStatement forget = {
		.text =
			"SELECT rivergen_catalog.forget_unwanted_values($1, $2, $3) FROM rivergen_catalog.data_source "
			"WHERE organization_id = $1 AND data_source_id = $2 "
			"AND metadata -> 'scan' IS DISTINCT FROM $3 #> '{metadata,scan}'",
	};

	rg_spi_execute(&forget, rg_int8(organization_id), rg_int8(data_source_id), rg_jsonb(current));
}
