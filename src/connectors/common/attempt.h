/*
 * attempt.h — work that may fail without ending the process: to read one file of many.
 */
#ifndef RG_CONNECTOR_ATTEMPT_H
#define RG_CONNECTOR_ATTEMPT_H

#include <stdbool.h>

typedef struct AttemptFailure
{
	char step[16];
	char code[32];
	bool transient;
	char message[512];
	char detail[256];
	char hint[256];
} AttemptFailure;

/*
 * Calls work(argument). Returns false with the failure if it gave up; what it had allocated is then lost.
 * Before it gives up it emits no frame but log and progress. It may make attempts of its own.
 */
extern bool attempt(void (*work)(void *argument), void *argument, AttemptFailure *failure);

/* To be called in `work`: what fails next is more than the attempt, and ends the process. */
extern void attempt_end(void);

#endif
