/* test.h — inside the worker room: testing a connection for a waiting caller. */
#ifndef RG_TEST_H
#define RG_TEST_H

#include "catalog/connection.h"
#include "queue/queue.h"

extern void rg_test_serve(const RgCall *request);

/* The result of a test as JSON text. */
extern char *rg_test_describe(const RgConnection *connection);

/* Repairs sources whose test was left by a worker that died. Part of the caller's transaction. */
extern void rg_test_rescue(void);

/* Is there such a source, even one whose row is locked? */
extern bool rg_test_is_left(void);

#endif
