/* explain.h — what EXPLAIN tells about a scan of a foreign table. */
#ifndef RG_FDW_EXPLAIN_H
#define RG_FDW_EXPLAIN_H

#include "postgres.h"

#include "commands/explain.h"
#include "nodes/execnodes.h"

#include "compat.h"

extern void rg_explain_scan(ForeignScanState *node, ExplainState *state);

#endif
