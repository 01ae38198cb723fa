/*
 * job.h — queries, which the service runs as jobs.
 */
#ifndef RG_BIGQUERY_JOB_H
#define RG_BIGQUERY_JOB_H

#include "connectors/bigquery/pages.h"

/*
 * Runs the query, and waits until it is done or query_timeout has passed; then it is cancelled. parameters:
 * JSON text of an array, or NULL. Returns false with a failure; else its rows are in the pages.
 */
extern bool
job_run(Pages *pages, Service *service, const char *sql, const WireBuffer *parameters, HttpFailure *failure);

/*
 * What the service says of a query that it does not run: the answer's statistics. The caller frees the tree.
 * NULL with a failure.
 */
extern JsonTree *job_plan(Service *service, const char *sql, HttpFailure *failure);

#endif
