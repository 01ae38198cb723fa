/*
 * partition.h — what the folders above a part say of its rows, as Hive writes it:
 * year=2024/region=a%2Fb/x.csv.
 */
#ifndef RG_FILES_PARTITION_H
#define RG_FILES_PARTITION_H

#include "connectors/files/format.h"
#include "connectors/files/infer.h"
#include "connectors/files/tree.h"

typedef struct Partitions
{
	int count; /* of the columns */
	char **names;
	InferredType *types;
	FileValue *values; /* those of the first file, then those of the next one … */
} Partitions;

/* Reads the paths of all files. Folders that are no partitions, or not the same in each path, end the
 * process. */
extern void partitions_read(Partitions *partitions, const Tree *tree);

extern const FileValue *partition_value(const Partitions *partitions, int file, int column);

#endif
