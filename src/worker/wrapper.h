/*
 * wrapper.h — inside the worker room: sources that are a foreign server of this database, whose foreign data
 * wrapper describes them in place of a connector.
 */
#ifndef RG_WORKER_WRAPPER_H
#define RG_WORKER_WRAPPER_H

#include "attempt.h"

extern void rg_wrapper_init(void);

/* The foreign server that the source names, or NULL: it has a connector. */
extern char *rg_wrapper_server_of(const RgEndpoint *endpoint);

/* As rg_attempt. */
extern bool rg_wrapper_attempt(RgAttempt *attempt, const char *server_name, const RgQuestion *question,
							   RgLoad load, void *argument);

/* What a source with a wrapper cannot do. Returns false, for the caller to return. */
extern bool rg_wrapper_cannot_read(RgFailure *failure, const char *server_name);

/* Has code of a wrapper run in this process? Its libraries and connections stay until the process ends. */
extern bool rg_wrapper_has_run(void);

#endif
