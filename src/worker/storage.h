/* storage.h — inside the worker room: the files of file sources, below rivergen.storage_root. */
#ifndef RG_WORKER_STORAGE_H
#define RG_WORKER_STORAGE_H

#include "catalog/endpoint.h"
#include "failure.h"

/*
 * Opens the file or directory that the endpoint names, for reading. Nothing leads out of the organization's
 * own directory: no link is followed below the root. Returns a descriptor, which the caller closes by
 * rg_storage_close(), or 0, and then *failure says why.
 */
extern int rg_storage_open(const RgEndpoint *endpoint, RgFailure *failure);

/* 0 is allowed. */
extern void rg_storage_close(int descriptor);

#endif
