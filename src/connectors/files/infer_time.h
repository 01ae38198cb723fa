/*
 * infer_time.h — inside the room: dates and times among the types of infer.h.
 */
#ifndef RG_FILES_INFER_TIME_H
#define RG_FILES_INFER_TIME_H

#include "connectors/files/infer.h"

/* The types of dates and times that hold the value. */
extern InferredTypes infer_time_types(const char *text, size_t length);

/* Does PostgreSQL get other text than the file has, of a value of the type? */
extern bool infer_time_is_rewritten(InferredType type, const char *text, size_t length);
extern void infer_time_write(WireBuffer *out, InferredType type, const char *text, size_t length);

#endif
