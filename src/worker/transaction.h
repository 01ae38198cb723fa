/* transaction.h — inside the worker room: a worker's own short transactions, with SPI and a snapshot. */
#ifndef RG_TRANSACTION_H
#define RG_TRANSACTION_H

#include "postgres.h"

/* Users of the catalog go first: a worker waits only briefly for their locks. */
#define RG_WORKER_LOCK_TIMEOUT "500ms"

/* The settings of a session that runs only statements of the extension. */
extern void rg_transaction_set_session(void);

extern void rg_transaction_begin(void);
/* Leaves the memory context as it was before rg_transaction_begin. */
extern void rg_transaction_commit(void);
/* After an error: also leaves the memory context as it was. */
extern void rg_transaction_abort(void);

/* Was the error caused by another transaction's lock on a row or table? Then the work can be tried again. */
extern bool rg_transaction_met_another(const ErrorData *error);

#endif
