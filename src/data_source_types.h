/* data_source_types.h — what lies above the rooms, for those that may not ask process. */
#ifndef RG_DATA_SOURCE_TYPES_H
#define RG_DATA_SOURCE_TYPES_H

#include "postgres.h"

/* Is there none? A connector that cannot be looked for, or not be started, is the worker's to tell of. */
extern bool rg_lacks_connector(const char *type);

#endif
