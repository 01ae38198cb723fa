/*
 * delta_format.h — tables of Delta Lake, as a format of folders.
 *
 * A table is what its log says: log.h finds the files of the log that make the newest version, actions.h
 * reads them, snapshot.h tells what they come to, schema.h describes it, and delta_rows.h reads the rows.
 */
#ifndef RG_DELTA_FORMAT_H
#define RG_DELTA_FORMAT_H

#include "connectors/files/format.h"

extern const Format delta_format;

#endif
