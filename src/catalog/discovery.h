/*
 * discovery.h — reading for the API: a source, cached results of discoveries, jobs.
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

/* False: the organization has no such source. */
extern bool rg_discovery_source(int64 organization_id, int64 data_source_id, RgDiscoverySource *source);

/* The reason why patterns exclude the whole schema from discovery, or NULL. */
extern char *rg_discovery_exclusion(int64 organization_id, int64 data_source_id, const char *schema);

/*
 * The cached statistics of a scope (NULL = the whole source), or NULL if it was never discovered. latest:
 * with a new snapshot.
 */
extern Jsonb *
rg_discovery_cached(int64 organization_id, int64 data_source_id, const char *schema, bool latest);

/* The time since which the history of the source is complete; false if it was never discovered. */
extern bool rg_discovery_history(int64 organization_id, int64 data_source_id, TimestampTz *begins_at);

/* The approximate size in bytes of the source's documents at that time. */
extern int64 rg_discovery_bytes_as_of(int64 organization_id, int64 data_source_id, TimestampTz at);

/* How a job ended, read with a new snapshot. */
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

/*
 * A page of jobs, newest first: {"items", "pagination"}. data_source_id 0 and status NULL mean any. 413: the
 * page would be too large.
 */
extern Jsonb *rg_discovery_job_page(int64 organization_id, int64 data_source_id, const char *status,
									int32 page, int32 page_size);

/* Selects relations of a source. NULL: no filter; page_size 0: no pages. */
typedef struct RgSchemasQuestion
{
	int64 data_source_id;
	const char *schema;
	const char *table;
	bool include_columns;
	int32 page;
	int32 page_size;
} RgSchemasQuestion;

/* The relations that the question selects. */
extern RgLocated rg_discovery_locate(int64 organization_id, const RgSchemasQuestion *question);

/* The document of the located relations, and of the schemas that are empty. */
extern Jsonb *
rg_discovered_schemas(int64 organization_id, const RgSchemasQuestion *question, const RgLocated *located);

extern bool rg_discovery_has_schema(int64 organization_id, int64 data_source_id, const char *schema);

#endif
