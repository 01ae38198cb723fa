/*
 * pipeline.h — what a query of a caller is, and that it only reads.
 */
#ifndef RG_MONGODB_PIPELINE_H
#define RG_MONGODB_PIPELINE_H

#include <bson/bson.h>

typedef struct PipelineFault
{
	const char *message;
	const char *hint;
	char name[128]; /* of the member or stage; or "" */
} PipelineFault;

/*
 * The command find or aggregate with its arguments, of which those are taken that cannot change how it is
 * run. Returns false with the fault.
 */
extern bool pipeline_check(const bson_t *command, PipelineFault *fault);

#endif
