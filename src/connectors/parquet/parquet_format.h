/*
 * parquet_format.h — tables in Parquet files, as a format.
 */
#ifndef RG_PARQUET_FORMAT_H
#define RG_PARQUET_FORMAT_H

#include "connectors/files/format.h"

extern const Format parquet_format;

#endif
