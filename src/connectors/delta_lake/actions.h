/*
 * actions.h — the actions in a file of the log: lines of JSON in commits, rows of Parquet in checkpoints,
 * which may be JSON, too. Both are the same here: the kind of the action, and its members as a tree.
 */
#ifndef RG_DELTA_ACTIONS_H
#define RG_DELTA_ACTIONS_H

#include "connectors/files/storage.h"
#include "connectors/jsontree/json_tree.h"

typedef struct DeltaAction
{
	const char *kind;     /* add, remove, metaData, … */
	const JsonNode *body; /* an object in the tree */
	JsonTree *tree;       /* the receiver takes it by setting this to NULL; else it is freed */
} DeltaAction;

typedef void (*DeltaActionTake)(void *context, DeltaAction *action);

/* Hands over the actions of these kinds (up to a NULL), in the file's order. Ends the process if there is no
 * such file. */
extern void delta_actions_read(const StoredFile *folder, const char *path, const char *const *kinds,
							   DeltaActionTake take, void *context);

#endif
