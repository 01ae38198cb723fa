/* test.h — inside the worker room: testing a connection, for a caller who waits. */
#ifndef RG_TEST_H
#define RG_TEST_H

#include "catalog/connection.h"
#include "queue/queue.h"

extern void rg_test_serve(const RgCall *request);

/* JSON text of how a test went. */
extern char *rg_test_describe(const RgConnection *connection);

/* Sources whose test was left behind by a worker that died; part of the caller's transaction. */
extern void rg_test_rescue(void);

/* Is there such a source, be its row locked or not? */
extern bool rg_test_is_left(void);

#endif
