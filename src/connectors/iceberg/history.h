/*
 * history.h — what a table was before: as the metadata files before the present one say, as far as they are
 * kept, and before them as the schemas of snapshots say.
 */
#ifndef RG_ICEBERG_HISTORY_H
#define RG_ICEBERG_HISTORY_H

#include "connectors/files/format.h"

/* Gives the relation its versions and the time of the present one. An earlier file that cannot be read is
 * left out. */
extern void iceberg_history_add(FileRelation *relation, const Request *request, const StoredFile *folder);

#endif
