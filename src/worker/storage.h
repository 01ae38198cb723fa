/* storage.h — inside the worker room: the files of file sources, below rivergen.storage_root. */
#ifndef RG_WORKER_STORAGE_H
#define RG_WORKER_STORAGE_H

#include "catalog/endpoint.h"
#include "failure.h"
#include "process/process.h"

typedef struct RgStored
{
	int descriptor;  /* for the connector; 0: none */
	RgChild *broker; /* at the other end of it, where the storage is a bucket; else NULL */
} RgStored;

/*
 * Opens the file or directory that the endpoint names, for reading. Nothing leads out of the organization's
 * own directory: no link is followed below the root. False: *failure says why.
 */
extern bool rg_storage_open(const RgEndpoint *endpoint, RgStored *stored, RgFailure *failure);

/* Closes the descriptor, which the connector has by now. */
extern void rg_storage_close(RgStored *stored);

/* What is wrong with the storage as it is set, for the operator; NULL: nothing is seen. */
extern const char *rg_storage_fault(void);

#endif
