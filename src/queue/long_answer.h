/* long_answer.h — an answer that is longer than a slot of shared memory holds, in a segment of its own. */
#ifndef RG_QUEUE_LONG_ANSWER_H
#define RG_QUEUE_LONG_ANSWER_H

#include "postgres.h"

#include "storage/dsm.h"

#include "queue.h"

#define RG_LONG_ANSWER_BYTES (1024 * 1024)

/* The caller's part. The segment lives until the caller detaches, or its transaction ends. */
extern dsm_segment *rg_long_answer_begin(dsm_handle *handle);

/* Detaches. Returns the text, or NULL if the worker has written none. */
extern char *rg_long_answer_take(dsm_segment *segment);

/* The worker's part; the text has less than RG_LONG_ANSWER_BYTES - 100. Does nothing if the caller has left.
 */
extern void rg_call_write_long_answer(const RgCall *request, const char *text);

#endif
