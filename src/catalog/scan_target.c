/*
 * scan_target.c — the tables that a request for a scan selects.
 */
#include "scan_target.h"

#include "catalog/pg_type.h"

#include "settings.h"
#include "catalog/description.h"
#include "error.h"
#include "sql.h"

static void
require_all(int64 organization_id, ArrayType *ids)
{
	static RgStatement look = {
		.text = "SELECT i.id, r.relation_id IS NULL FROM unnest($2) i (id) "
				"LEFT JOIN (rivergen_catalog.relation r "
				"JOIN rivergen_catalog.data_source d ON d.organization_id = r.organization_id "
				"AND d.data_source_id = r.data_source_id AND d.deleted_at IS NULL) "
				"ON r.organization_id = $1 AND r.relation_id = i.id "
				"AND rivergen_catalog.kind_group(r.kind) <> 'other' "
				"WHERE r.relation_id IS NULL OR r.deprecated_at IS NOT NULL "
				"ORDER BY r.relation_id IS NULL DESC, i.id LIMIT 1",
	};

	if (rg_spi_execute(&look, rg_int8(organization_id), rg_pointer(ids, INT8ARRAYOID)) == 0)
		return;
	if (rg_spi_bool(0, 2))
		rg_fail_not_found("table description", rg_spi_int64(0, 1));
	rg_fail(
		RG_CONFLICT,
		psprintf("the table of description " INT64_FORMAT " is no longer in the source", rg_spi_int64(0, 1)),
		"Its status is DEPRECATED.", NULL);
}

RgScanTarget *
rg_description_targets(int64 organization_id, ArrayType *ids, int *count)
{
	static RgStatement look = {
		.text = "SELECT data_source_id, array_agg(relation_id ORDER BY relation_id) "
				"FROM rivergen_catalog.relation WHERE organization_id = $1 "
				"AND relation_id IN (SELECT unnest($2)) GROUP BY data_source_id ORDER BY data_source_id",
	};
	RgScanTarget *targets;
	bool is_null;

	require_all(organization_id, ids);
	*count = rg_spi_execute(&look, rg_int8(organization_id), rg_pointer(ids, INT8ARRAYOID));
	targets = palloc(*count * sizeof(RgScanTarget));
	for (int i = 0; i < *count; i++)
		targets[i] = (RgScanTarget){rg_spi_int64(i, 1), DatumGetArrayTypePCopy(rg_spi_datum(i, 2, &is_null))};
	return targets;
}

bool
rg_description_any_relation(int64 organization_id, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.relation WHERE organization_id = $1 AND data_source_id = $2 "
				"AND rivergen_catalog.kind_group(kind) <> 'other' AND deprecated_at IS NULL LIMIT 1",
	};

	return rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id)) > 0;
}

Jsonb *
rg_description_scan_jobs(int64 organization_id, const int64 *job_ids, int count)
{
	static RgStatement make = {
		.text = "SELECT jsonb_build_object('jobs', jsonb_agg(jsonb_build_object('job_id', j.job_id, "
				"'data_source_id', j.data_source_id, 'status', j.status) ORDER BY i.ordinality)) "
				"FROM unnest($2) WITH ORDINALITY i (id) "
				"JOIN rivergen_catalog.job j ON j.organization_id = $1 AND j.job_id = i.id",
	};
	Datum *ids = palloc(count * sizeof(Datum));

	for (int i = 0; i < count; i++)
		ids[i] = Int64GetDatum(job_ids[i]);

	rg_spi_execute(
		&make, rg_int8(organization_id),
		rg_pointer(construct_array(ids, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE),
				   INT8ARRAYOID));
	return rg_catalog_jsonb(0, 1);
}
