/*
 * partition_path.h — what the path of a partition says of the fields that it is made of: each is a folder,
 * with its name before the value or without; a single field may be several folders, such as 2024/12/31.
 */
#ifndef RG_HUDI_PARTITION_PATH_H
#define RG_HUDI_PARTITION_PATH_H

#include "connectors/hudi/table.h"

/* The place of the field among those that make the path; -1: it is none of them. */
extern int hudi_partition_place(const HudiTable *table, const char *name);

/* The value of the field at that place, which the caller frees; NULL: null. Ends the process if the path does
 * not say it. */
extern char *hudi_partition_value(const HudiTable *table, const char *path, int place);

#endif
