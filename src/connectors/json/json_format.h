/*
 * json_format.h — JSON files as a format.
 */
#ifndef RG_JSON_FORMAT_H
#define RG_JSON_FORMAT_H

#include "connectors/files/format.h"

extern const Format json_format;

#endif
