/*
 * sample.h — stores what a scan finds in the values of relations. The connector is asked for one batch of
 * relations after the other; the answers go to a temporary file and are written in one transaction at the
 * end.
 */
#ifndef RG_SAMPLE_H
#define RG_SAMPLE_H

#include "postgres.h"

#include "wire/wire.h"

typedef struct RgSamples RgSamples;

extern RgSamples *rg_samples_begin(int64 organization_id, int64 data_source_id, int64 job_id);
extern void rg_samples_end(RgSamples *samples);

/*
 * Returns the next batch of the job as JSON text, the request's member `sample`, or NULL after the last one.
 * To be called in a transaction.
 */
extern char *rg_samples_ask(RgSamples *samples);

/*
 * Takes a sample frame, whose line has that length. Returns NULL, or a static text that names the fault.
 * error: the frame's member `error`, cleaned for people, or NULL.
 */
extern const char *
rg_samples_frame(RgSamples *samples, const WireFrame *frame, size_t length, const char *error);

/* Returns NULL if every relation of the batch was answered, else the fault. */
extern const char *rg_samples_check_end(const RgSamples *samples);

/* Relations answered, in all batches. */
extern int64 rg_samples_count(const RgSamples *samples);

/* Relations to answer, in all batches; known after the first rg_samples_ask(). */
extern int64 rg_samples_total(const RgSamples *samples);

/* Writes the samples, in the caller's transaction. Returns the job's result, a jsonb. */
extern Datum rg_samples_apply(RgSamples *samples);

/*
 * Writes the samples of a scan that failed; relations without an answer get the status FAILED and the
 * message. samples may be NULL.
 */
extern void rg_samples_fail(RgSamples *samples, int64 organization_id, int64 job_id, const char *message);

#endif
