/*
 * file_connector.h — the connector of a file format: a source is one file, or a folder of parts.
 */
#ifndef RG_FILES_FILE_CONNECTOR_H
#define RG_FILES_FILE_CONNECTOR_H

#include "connectors/files/format.h"

/* All of the connector's main. Returns the exit status. */
extern int file_connector_run(const char *name, const Format *format);

#endif
