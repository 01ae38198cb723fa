/* broker.h — inside the worker room: the storage broker of one connector. */
#ifndef RG_WORKER_BROKER_H
#define RG_WORKER_BROKER_H

#include "catalog/endpoint.h"
#include "failure.h"
#include "process/process.h"

/*
 * Starts the broker for the endpoint's file or folder, in the bucket that rivergen.storage_root names.
 * Returns it, with the connector's end of its socket, which the caller closes; NULL: *failure says why.
 */
extern RgChild *rg_broker_start(const RgEndpoint *endpoint, int *socket, RgFailure *failure);

/* What is wrong with the settings, or missing; NULL: nothing that is seen without dialing. */
extern const char *rg_broker_fault(void);

#endif
