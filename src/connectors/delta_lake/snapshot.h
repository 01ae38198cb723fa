/*
 * snapshot.h — what the log comes to: the table's description and its files. The log is read from the newest
 * action to the oldest one, so that the first word about anything is the last one.
 */
#ifndef RG_DELTA_SNAPSHOT_H
#define RG_DELTA_SNAPSHOT_H

#include "connectors/delta_lake/log.h"
#include "connectors/jsontree/json_tree.h"

typedef struct DeltaSnapshot
{
	DeltaLog log;
	JsonTree *protocol_tree;
	JsonTree *metadata_tree;
	JsonTree *schema_tree; /* NULL: the table has no columns */
	const JsonNode *protocol;
	const JsonNode *metadata;
	const JsonNode *fields; /* of the schema, an array; or NULL */
} DeltaSnapshot;

/* Reads the log as far as it takes to know protocol and metadata. Ends the process if it does not say. */
extern void delta_snapshot_describe(DeltaSnapshot *snapshot, const StoredFile *folder);

/* Sets schema_tree and fields from the metadata. Ends the process if they are broken. */
extern void delta_snapshot_read_schema(DeltaSnapshot *snapshot);

/* A file of the table, the action add. It is there until the function returns. */
typedef void (*DeltaFileTake)(void *context, const JsonNode *add);

/*
 * Hands over all files of the table, in a fixed order. clustering: the configuration of the domain
 * delta.clustering, in memory that the caller frees, or NULL; may be NULL.
 */
extern void
delta_snapshot_files(const DeltaSnapshot *snapshot, DeltaFileTake take, void *context, char **clustering);

/* A value of the table's configuration; NULL: it has none of that name. */
extern const char *delta_configuration(const DeltaSnapshot *snapshot, const char *name);

#endif
