/*
 * orc_format.h — ORC files, as a format of files.
 */
#ifndef RG_ORC_FORMAT_H
#define RG_ORC_FORMAT_H

#include "connectors/files/format.h"

extern const Format orc_format;

#endif
