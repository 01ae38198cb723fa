/*
 * discovery.h — what the API reads about discoveries: the source, what is cached, jobs.
 */
#ifndef RG_DISCOVERY_H
#define RG_DISCOVERY_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "utils/jsonb.h"

#include "catalog/bounded.h"

typedef struct RgDiscoverySource
{
	char *type;
	bool maintenance;
	bool uncommitted; /* created or changed by the calling transaction */
} RgDiscoverySource;

/* False when there is no such source in the organization. */
extern bool rg_discovery_source(int64 organization_id, int64 data_source_id, RgDiscoverySource *source);

/* Why patterns leave nothing of the schema to be discovered, or NULL. */
extern char *rg_discovery_exclusion(int64 organization_id, int64 data_source_id, const char *schema);

/*
 * The cached statistics of a scope (NULL = the whole source), or NULL when it was never discovered. latest:
 * as of now, whatever the caller's snapshot.
 */
extern Jsonb *
rg_discovery_cached(int64 organization_id, int64 data_source_id, const char *schema, bool latest);

/* From when on everything about the source is known; false when it was never discovered. */
extern bool rg_discovery_history(int64 organization_id, int64 data_source_id, TimestampTz *begins_at);

/* About how many bytes the source's documents of that time are. */
extern int64 rg_discovery_bytes_as_of(int64 organization_id, int64 data_source_id, TimestampTz at);

/* How a job ended, as of now, whatever the caller's snapshot. */
typedef struct RgJobEnd
{
	char *status;
	char *error_code;
	char *error_message;
	char *error_detail;
	Jsonb *result;
} RgJobEnd;

extern bool rg_discovery_job_end(int64 organization_id, int64 job_id, RgJobEnd *end);

/* One job as the API shows it, or NULL. */
extern Jsonb *rg_discovery_job_body(int64 organization_id, int64 job_id);

/* A page of jobs, newest first: {"items", "pagination"}. 413 when it would be too large. data_source_id 0 and
 * status NULL mean any. */
extern Jsonb *rg_discovery_job_page(int64 organization_id, int64 data_source_id, const char *status,
									int32 page, int32 page_size);

/* What of a source's relations is shown: filters that are NULL are none, and with page_size 0 there are no
 * pages. */
typedef struct RgSchemasQuestion
{
	int64 data_source_id;
	const char *schema;
	const char *table;
	bool include_columns;
	int32 page;
	int32 page_size;
} RgSchemasQuestion;

/* The relations that the question is answered with. */
extern RgLocated rg_discovery_locate(int64 organization_id, const RgSchemasQuestion *question);

/* The document of what was located, and of the schemas that have nothing. */
extern Jsonb *
rg_discovered_schemas(int64 organization_id, const RgSchemasQuestion *question, const RgLocated *located);

extern bool rg_discovery_has_schema(int64 organization_id, int64 data_source_id, const char *schema);

#endif
