/* driver.h — inside the worker room: the ODBC driver that a source names, and whether it may. */
#ifndef RG_WORKER_DRIVER_H
#define RG_WORKER_DRIVER_H

#include "postgres.h"

#include "catalog/endpoint.h"
#include "check/source_type.h"
#include "failure.h"
#include "process/odbc_drivers.h"

/*
 * Finds the driver of the source; *driver is NULL if it names none, or its type takes none. Puts what its
 * connector is told of it into the endpoint. False: the driver is not allowed.
 */
extern bool
rg_driver_of(RgEndpoint *endpoint, const RgSourceType *type, RgOdbcDriver **driver, RgFailure *failure);

#endif
