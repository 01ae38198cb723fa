/*
 * frames.h — inside the rooms worker and reader: the frames of a connector that every operation has, and how
 * it ends. The connector is not trusted: what it says is checked, cleaned, and freed of secrets.
 */
#ifndef RG_WORKER_FRAMES_H
#define RG_WORKER_FRAMES_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "failure.h"
#include "report.h"
#include "wire/wire.h"

/* A connector gets no request for an operation that it does not offer. */
typedef enum RgCapability
{
	RG_OFFERS_TEST = 1,
	RG_OFFERS_DISCOVER = 2,
	RG_OFFERS_SAMPLE = 4,
	RG_OFFERS_SIGNATURES = 8,
	RG_OFFERS_READ = 16,
	RG_OFFERS_EXACT = 32,
	RG_OFFERS_QUERY = 64,
	RG_OFFERS_REPEAT = 128,
	RG_OFFERS_DATABASES = 256
} RgCapability;

/* How much of a connector's standard error is kept: more than is reported, since secrets are taken out first.
 */
#define RG_DIAGNOSIS_BYTES (2 * WIRE_MAX_WORDS)

/* Returns false, for the caller to return, as all functions here that set a failure. */
extern bool rg_frame_breaks_protocol(RgFailure *failure, const char *fault);

/* connector: the executable's path, for the log. *capabilities gets bits of RgCapability. */
extern bool
rg_frame_hello(const WireFrame *frame, const char *connector, int *capabilities, RgFailure *failure);

/* Logs the message, until there were too many; *logged counts them. */
extern void rg_frame_log(const WireFrame *frame, const char *secrets, int *logged);

/* What the connector reports as failure. */
extern bool rg_frame_error(const WireFrame *frame, const char *secrets, RgFailure *failure);

/* The step that the phase of a frame progress stands for; NULL: none. */
extern const char *rg_frame_step(const char *phase);

/* Silence for too long, in the step `query` or before. limits names the settings that say how long. */
extern bool rg_frame_timed_out(bool greeted, const char *step, const char *limits, RgFailure *failure);

/* A member that is a text for people; NULL: absent. */
extern char *rg_frame_words(const WireFrame *frame, const char *name, const char *secrets, size_t most);

/* Any text member, as it is; NULL: absent. */
extern char *rg_frame_text(const WireFrame *frame, const char *name);

/* Does the connector offer the operation? */
extern bool rg_capability_offered(int capabilities, const char *operation, RgFailure *failure);

/* The names of the capabilities, separated by `separator`; empty: none. */
extern char *rg_capability_names(int capabilities, const char *separator);

/* A connector that has ended too early, or has closed its output. */
typedef struct RgEarlyEnd
{
	bool ended;
	int status; /* as of waitpid */
	bool greeted;
	const char *step; /* that it had reached */
	const char *secrets;
	const StringInfoData *diagnosis;
	const RgReport *report;
} RgEarlyEnd;

extern bool rg_early_end_explain(const RgEarlyEnd *end, RgFailure *failure);

#endif
