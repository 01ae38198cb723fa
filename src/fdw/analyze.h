/* analyze.h — ANALYZE of foreign tables. */
#ifndef RG_FDW_ANALYZE_H
#define RG_FDW_ANALYZE_H

#include "postgres.h"

#include "foreign/fdwapi.h"

extern bool rg_analyze_table(Relation relation, AcquireSampleRowsFunc *function, BlockNumber *pages);

#endif
