/*
 * hudi_format.h — tables of Apache Hudi, as a format of folders.
 *
 * A table is what its properties and its timeline say (table.h): properties.h reads the former, timeline.h
 * finds the completed instants, commit.h reads what one of them says, and schema.h describes the columns.
 * base_files.h finds the files that have the present rows, and hudi_rows.h reads them; evolution.h
 * says what a column was called when a file was written.
 */
#ifndef RG_HUDI_FORMAT_H
#define RG_HUDI_FORMAT_H

#include "connectors/files/format.h"

extern const Format hudi_format;

#endif
