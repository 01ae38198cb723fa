/*
 * csv_format.h — text files with a row on each line, as a format of files.
 */
#ifndef RG_CSV_FORMAT_H
#define RG_CSV_FORMAT_H

#include "connectors/files/format.h"

extern const Format csv_format;

#endif
