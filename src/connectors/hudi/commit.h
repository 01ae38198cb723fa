/*
 * commit.h — what a completed instant says: the schema at its end, and which file groups it replaces. It is
 * written in JSON up to version 6, and in an Avro container from version 8 on.
 */
#ifndef RG_HUDI_COMMIT_H
#define RG_HUDI_COMMIT_H

#include "connectors/hudi/timeline.h"

typedef struct HudiReplaced
{
	char *partition; /* the path of its folder */
	char *group;
} HudiReplaced;

typedef struct HudiCommit
{
	char *schema; /* Avro's, as a text; NULL or empty: it has none */
	HudiReplaced *replaced;
	int replaced_count;
} HudiCommit;

/* Returns false if the file is gone, empty, or none that can be read. */
extern bool hudi_commit_read(HudiCommit *commit, const StoredFile *folder, const HudiInstant *instant);
extern void hudi_commit_free(HudiCommit *commit);

#endif
