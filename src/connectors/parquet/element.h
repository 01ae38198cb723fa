/*
 * element.h — reads an element of a Parquet file's schema.
 */
#ifndef RG_PARQUET_ELEMENT_H
#define RG_PARQUET_ELEMENT_H

#include "connectors/parquet/footer.h"

/* The fields of a structure that is entered. */
extern void element_read(Thrift *in, SchemaElement *element);

#endif
