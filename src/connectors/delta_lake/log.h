/*
 * log.h — which files of a table's log make its newest version: the newest checkpoint of which all parts are
 * there, and the commits above it, which may have been compacted. _last_checkpoint says the same and may be
 * wrong, so it is not read. Neither are staged commits: only a catalog knows which of them count.
 */
#ifndef RG_DELTA_LOG_H
#define RG_DELTA_LOG_H

#include "connectors/files/storage.h"

#define DELTA_LOG_FOLDER "_delta_log/"

typedef struct DeltaLog
{
	const StoredFile *folder;
	int64_t version; /* the newest one */
	char **commits;  /* paths, the newest one first, down to the checkpoint */
	int commit_count;
	char **parts; /* of the checkpoint, paths */
	int part_count;

	/* For the table's history: the commits without a gap that are there, the newest one first, and what there
	 * is below them: the oldest checkpoint, and the commit of its version. */
	char **kept;
	int kept_count;
	char **first_parts;
	int first_part_count;
	char *first_commit; /* or NULL */
} DeltaLog;

/* Ends the process if the folder has no log, or if commits are missing. */
extern void delta_log_read(DeltaLog *log, const StoredFile *folder);

/* The file of the log that was written last. */
extern const char *delta_log_newest(const DeltaLog *log);

/* Ends the process, as a file of the log is not as the format has it. */
extern void delta_broken(const char *path, const char *what) __attribute__((noreturn));

/* Ends the process, as a file that the log names is gone. */
extern void delta_vanished(const char *path) __attribute__((noreturn));

#endif
