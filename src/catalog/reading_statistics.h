/*
 * reading_statistics.h — statistics of foreign tables, which hold values of their sources.
 */
#ifndef RG_CATALOG_READING_STATISTICS_H
#define RG_CATALOG_READING_STATISTICS_H

#include "postgres.h"

#include "utils/jsonb.h"

/*
 * Once the values of a source are masked: removes what ANALYZE has taken of its foreign tables before, and of
 * the tables that they are children or partitions of. current is the source as it was. Waits for an ANALYZE
 * of one of them.
 */
extern void rg_reading_forget_statistics(int64 organization_id, int64 data_source_id, Jsonb *current);

#endif
