/*
 * versions.h — what a relation was before, as far as a table keeps it: documents with their times, which the
 * frame of the relation tells beside its present document (src/wire/README.md).
 */
#ifndef RG_FILES_VERSIONS_H
#define RG_FILES_VERSIONS_H

#include "connectors/files/format.h"

typedef struct FileVersion
{
	int64_t changed_at; /* milliseconds since 1970 */
	const char *kind;
	int columns;
	WireBuffer document;
} FileVersion;

/* The oldest one first. Only as many are kept, the newest ones, as a frame can hold. */
struct FileVersions
{
	FileVersion *items;
	int count;
	size_t bytes; /* of all documents */
	size_t most;  /* bytes of documents */
};

extern FileVersions *file_versions_begin(const Request *request);
extern void file_versions_free(FileVersions *versions);

/*
 * Adds the next newer version, which the relation describes: its kind and all of its document. One that is
 * the same as the version before it only lasts longer. Clocks of writers differ: a time that is not later
 * than that of the version before becomes the next millisecond.
 */
extern void file_versions_add(FileVersions *versions, const FileRelation *relation, int64_t changed_at);

/* Does the table's history matter that far back? Times that the caller knows already do not. */
extern bool file_versions_want(const Request *request, int64_t changed_at);

/*
 * Writes the members of the relation's frame that follow its document, which is the last that `out` has, from
 * `start` on.
 */
extern void file_versions_write(WireBuffer *out, size_t start, const FileRelation *relation);

#endif
