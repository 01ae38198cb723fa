/* driver.h — inside the worker room: the ODBC driver that a source names, and whether it may. */
#ifndef RG_WORKER_DRIVER_H
#define RG_WORKER_DRIVER_H

#include "postgres.h"

#include "catalog/endpoint.h"
#include "check/source_type.h"
#include "failure.h"
#include "process/odbc_drivers.h"

/* A member of the source's metadata that is a text, or NULL. */
extern char *rg_driver_option_of(const RgEndpoint *endpoint, const char *name);

/*
 * Finds the driver of the source; *driver is NULL if it names none, or its type takes none. Puts what its
 * connector is told of it into the endpoint. False: the driver is not allowed.
 */
extern bool
rg_driver_of(RgEndpoint *endpoint, const RgSourceType *type, RgOdbcDriver **driver, RgFailure *failure);

#endif
