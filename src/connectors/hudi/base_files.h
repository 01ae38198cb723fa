/*
 * base_files.h — which base files a table has now: of each file group that no completed instant has replaced,
 * the one that the newest completed instant has written. Changes that only log files have are not in them.
 */
#ifndef RG_HUDI_BASE_FILES_H
#define RG_HUDI_BASE_FILES_H

#include "connectors/hudi/table.h"

typedef struct HudiBaseFile
{
	char *path;            /* from the table's folder on */
	char *time;            /* of the instant that wrote it */
	const char *partition; /* the path of its folder; empty: the table's */
} HudiBaseFile;

typedef struct HudiBaseFiles
{
	HudiBaseFile *files; /* in a fixed order */
	int count;
	char **partitions;
	int partition_count;
	int64_t unmerged; /* log files with changes that are newer than the base files */
} HudiBaseFiles;

/* Ends the process if it cannot be known. */
extern void hudi_base_files_list(HudiBaseFiles *listed, const HudiTable *table);
extern void hudi_base_files_free(HudiBaseFiles *listed);

#endif
