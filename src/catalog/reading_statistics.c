/*
 * reading_statistics.c — ANALYZE keeps values in the server's catalog, where the owner of a table sees them.
 */
#include "reading_statistics.h"

#include "access/relation.h"
#include "catalog/heap.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "sql.h"

/* ANALYZE takes the same lock: one that is under way ends first, and the next finds the masks. */
static void
remove_all(Oid table)
{
	Relation relation = try_relation_open(table, ShareUpdateExclusiveLock);
	ListCell *cell;

	if (relation == NULL)
		return;
	RemoveStatistics(table, 0);
	foreach (cell, RelationGetStatExtList(relation))
	{
		RemoveStatisticsDataById(lfirst_oid(cell), false);
		RemoveStatisticsDataById(lfirst_oid(cell), true);
	}
	relation_close(relation, NoLock);
}

void
rg_reading_forget_statistics(int64 organization_id, int64 data_source_id, Jsonb *current)
{
	static RgStatement find = {
		.text = "SELECT t.oid::int8 FROM rivergen_catalog.data_source d "
				"CROSS JOIN rivergen_catalog.tables_with_values($1, $2) t (oid) "
				"WHERE d.organization_id = $1 AND d.data_source_id = $2 "
				"AND d.metadata -> 'query' @> '{\"masking\": true}' "
				"AND NOT coalesce($3 #> '{metadata,query}' @> '{\"masking\": true}', false) ORDER BY t.oid",
	};
	uint64 count =
		rg_spi_execute(&find, rg_int8(organization_id), rg_int8(data_source_id), rg_jsonb(current));
	Oid *tables = palloc(sizeof(Oid) * (count + 1));

	for (uint64 i = 0; i < count; i++)
		tables[i] = (Oid) rg_spi_int64(i, 1);
	for (uint64 i = 0; i < count; i++)
		remove_all(tables[i]);
}
