/*
 * hudi_format.h — tables of Apache Hudi, as a format of folders.
 *
 * A table is what its properties and its timeline say: properties.h reads the former, timeline.h finds the
 * completed instants, commit.h reads what one of them says, and schema.h describes the columns.
 */
#ifndef RG_HUDI_FORMAT_H
#define RG_HUDI_FORMAT_H

#include "connectors/files/format.h"

extern const Format hudi_format;

#endif
