/*
 * settings.h — what the source's metadata says beside the connection.
 */
#ifndef RG_REDIS_SETTINGS_H
#define RG_REDIS_SETTINGS_H

#include "connectors/common/request.h"

/* What stands between the segments of a key. Ends the process if metadata.delimiter cannot be one. */
extern char *settings_delimiter(const Request *request);

#endif
