/*
 * sample.h — what a scan finds in the values of relations: frames in, rows out. Batch after batch of
 * relations is asked for; what is answered is kept in a temporary file, and written in one transaction at the
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
 * The next batch of the job, in a transaction of the caller's: the request's member `sample` as JSON text, or
 * NULL when there is none left.
 */
extern char *rg_samples_ask(RgSamples *samples);

/*
 * Takes one frame, whose line has that length; returns NULL, or a static text that names the fault. error:
 * the member of that name as it may be shown, or NULL.
 */
extern const char *
rg_samples_frame(RgSamples *samples, const WireFrame *frame, size_t length, const char *error);

/* Was every relation of the batch answered? NULL, or the fault. */
extern const char *rg_samples_check_end(const RgSamples *samples);

/* How many relations were answered, in all batches. */
extern int64 rg_samples_count(const RgSamples *samples);

/* How many there are to answer; known once the first batch was asked for. */
extern int64 rg_samples_total(const RgSamples *samples);

/* Writes what was found, as part of the caller's transaction; returns the job's result. */
extern Datum rg_samples_apply(RgSamples *samples);

/* Same when the scan failed: what was not answered has failed with that message. samples may be NULL. */
extern void rg_samples_fail(RgSamples *samples, int64 organization_id, int64 job_id, const char *message);

#endif
