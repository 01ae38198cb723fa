/*
 * opening.h — inside the worker room: a tunnel that is being opened, its children and its failures.
 */
#ifndef RG_WORKER_OPENING_H
#define RG_WORKER_OPENING_H

#include "check/hosts.h"
#include "check/pins.h"
#include "process/openssh.h"
#include "tunnel.h"

typedef struct RgOpening
{
	RgTunnel *tunnel;
	const RgEndpoint *endpoint;
	const char *credentials;
	RgContinueCheck check;
	void *argument;
	TimestampTz deadline;
	RgReport *report;
	RgFailure *failure;
	RgInterruption interruption;
	const char *ssh;
	const char *keygen;
	char *addresses; /* of the SSH server, one a line; the first is dialed */
	RgHosts target;
	RgPins pins;  /* what the source's owner demands */
	RgPins known; /* complete keys, one of which the server must have */
	bool learned; /* the known key was read from the server in this attempt */
	bool logged_in;
	off_t key_end;
} RgOpening;

/* Sets the failure, of the step ssh; returns false. */
extern bool rg_opening_failed(RgOpening *opening, const char *code, const char *message, const char *detail);

/* The same from what the program wrote on standard error, before it did anything. */
extern bool rg_opening_could_not_run(RgOpening *opening);

/* Starts to read what a child of the tunnel says. */
extern void rg_opening_start(RgOpening *opening, RgChild *child);

typedef bool (*RgOpeningEnough)(RgOpening *opening);

/* Reads what the child says until it is enough. False: the child has ended, or reading was interrupted. */
extern bool rg_opening_read(RgOpening *opening, RgOpeningEnough enough);

/* The child was interrupted: by the clock, or for a reason that is no failure. */
extern bool rg_opening_was_interrupted(RgOpening *opening);

/* The failure of an interrupted child where it was the clock; returns false. */
extern bool rg_opening_interrupted(RgOpening *opening);

/* What ssh is started with, for the address whose turn it is. */
extern RgOpensshPlan rg_opening_plan(const RgOpening *opening);

/* Turns to the next address of the SSH server; false: there is none. */
extern bool rg_opening_next_address(RgOpening *opening);

#endif
