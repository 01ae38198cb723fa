/*
 * iceberg_format.h — tables and views of Apache Iceberg, as a format of folders.
 */
#ifndef RG_ICEBERG_FORMAT_H
#define RG_ICEBERG_FORMAT_H

#include "connectors/files/format.h"

extern const Format iceberg_format;

#endif
