/* scan.h — the execution of a scan of a foreign table. */
#ifndef RG_FDW_SCAN_H
#define RG_FDW_SCAN_H

#include "postgres.h"

#include "nodes/execnodes.h"

#include "foreign_table.h"
#include "question.h"
#include "stream/stream.h"

/* What a scan did so far, for EXPLAIN ANALYZE. */
typedef struct RgForeignScanCounts
{
	int64 requests;
	int64 rows;
	int64 bytes;
	int64 waited_ms;
} RgForeignScanCounts;

extern void rg_foreign_scan_begin(ForeignScanState *node, int flags);
extern TupleTableSlot *rg_foreign_scan_next(ForeignScanState *node);
extern void rg_foreign_scan_again(ForeignScanState *node);
extern void rg_foreign_scan_end(ForeignScanState *node);

extern RgForeignScanCounts rg_foreign_scan_counts(const ForeignScanState *node);

/* Opens the stream of a question, in CurrentMemoryContext. */
extern RgStream *
rg_foreign_scan_open(const RgForeignTable *table, int64 organization_id, const char *question, int64 limit);

#endif
