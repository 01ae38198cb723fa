/* data_source_types.h — whether a type has a connector, for rooms that may not include process. */
#ifndef RG_DATA_SOURCE_TYPES_H
#define RG_DATA_SOURCE_TYPES_H

#include "postgres.h"

#include "check/source_type.h"

/*
 * True if no connector for the type is installed. False if that cannot be determined: then the worker reports
 * the error.
 */
extern bool rg_lacks_connector(const char *type);

/* Is an executable for the type installed, its own or the one for ODBC drivers? */
extern bool rg_has_connector(const RgSourceType *type);

#endif
