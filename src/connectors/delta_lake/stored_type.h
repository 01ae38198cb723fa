/*
 * stored_type.h — which types of Parquet a column of a table may be stored in: a table may have been given a
 * wider type since.
 */
#ifndef RG_DELTA_STORED_TYPE_H
#define RG_DELTA_STORED_TYPE_H

#include "connectors/lake/conversion.h"
#include "connectors/parquet/footer.h"

/* How values of the file's element become those of the table's type. Returns false if they cannot. */
extern bool delta_stored_type(Conversion *conversion, const char *type, const SchemaElement *element);

#endif
