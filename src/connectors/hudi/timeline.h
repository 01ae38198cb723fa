/*
 * timeline.h — the instants of a table that its folder .hoodie has. An instant counts once it is completed;
 * archived ones are not read. Up to version 6 a completed instant is called ‹begin›.‹action›, from version 8
 * on ‹begin›_‹end›.‹action›. Other files beside them are passed over.
 */
#ifndef RG_HUDI_TIMELINE_H
#define RG_HUDI_TIMELINE_H

#include "connectors/files/storage.h"

typedef enum HudiAction
{
	HUDI_COMMIT,
	HUDI_DELTACOMMIT,
	HUDI_REPLACECOMMIT,
	HUDI_OTHER /* writes no rows and says nothing of the schema */
} HudiAction;

typedef struct HudiInstant
{
	char *begin; /* digits */
	char *end;   /* digits; of a table up to version 6 the same as begin */
	HudiAction action;
	char *path; /* from the table's folder on */
} HudiInstant;

typedef struct HudiTimeline
{
	HudiInstant *completed; /* in the order of their ends */
	int count;
	char **begins; /* of completed instants that write rows; in order */
	int begin_count;
	char **pending; /* begins of instants that have left more than their completion; in order */
	int pending_count;
} HudiTimeline;

/* has_ends: as from version 8 on. A folder that is not there has no instants. */
extern void
hudi_timeline_read(HudiTimeline *timeline, const StoredFile *folder, const char *path, bool has_ends);
extern void hudi_timeline_free(HudiTimeline *timeline);

/*
 * Do files count that were written by the instant of that begin? They do if it is completed, or if it is
 * older than all that are on the timeline and hence archived.
 */
extern bool hudi_timeline_has(const HudiTimeline *timeline, const char *begin);

#endif
