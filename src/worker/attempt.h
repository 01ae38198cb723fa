/* attempt.h — inside the worker room: one try to reach a source and have it described or tested. */
#ifndef RG_ATTEMPT_H
#define RG_ATTEMPT_H

#include "catalog/connection.h"
#include "catalog/endpoint.h"
#include "check/source_type.h"
#include "conversation.h"
#include "proxy.h"
#include "report.h"
#include "request.h"
#include "tunnel.h"

typedef struct RgAttempt
{
	RgEndpoint endpoint;   /* given */
	RgContinueCheck check; /* given */
	void *argument;        /* given, for look */
	char *connector;       /* the executable's path */
	RgLimits limits;
	RgConfinement confinement; /* of its process */
	bool is_stored;            /* the connector gets the file that the endpoint names */
	bool several_hosts;        /* the type's connectors may dial further hosts */
	bool is_over_http;         /* they go by the proxy, if there is one */
	char *credentials;         /* JSON text, in wiped memory */
	RgProxy proxy;             /* by which the connector leaves, if it has a host */
	RgTunnel tunnel;
	RgReport report;
	RgConversation conversation;
	RgMerge *merge;
	RgSamples *samples;          /* given for operation sample */
	StringInfo databases;        /* given for operation databases */
	RgFailure failure;           /* why it failed */
	RgInterruption interruption; /* or why it was interrupted */
} RgAttempt;

/*
 * Called while the connector starts. Loads what the answer is compared with; *known is the part of it that
 * goes into the request.
 */
typedef RgMerge *(*RgLoad)(void *argument, char **known);

extern void rg_attempt_init(void);

/* The limits and the confinement of the type's connectors; timeout: of one connection, in seconds. */
extern RgLimits rg_attempt_limits(const RgSourceType *type);
extern RgConfinement rg_attempt_confinement(const RgSourceType *type, int timeout);

/* load is NULL unless the operation is discover. Returns true when the answer is complete. */
extern bool rg_attempt(RgAttempt *attempt, const RgQuestion *question, RgLoad load, void *argument);

/*
 * The steps of rg_attempt, for a caller that converses by itself: finds the connector, opens the credentials
 * and the tunnel. False: attempt->failure or attempt->interruption says why. Afterwards rg_tunnel_close is
 * due in any case.
 */
extern bool rg_attempt_prepare(RgAttempt *attempt);

/* After hello. False: attempt->failure or attempt->conversation.interruption says why. */
extern bool rg_attempt_find_addresses(RgAttempt *attempt, TimestampTz deadline, RgResolved *resolved);

/* After a failure: adds what the connector could not know about the tunnel. */
extern void rg_attempt_explain_tunnel(RgAttempt *attempt);

/* Starts the connector, of a prepared attempt. Returns NULL if its file cannot be opened; attempt->failure
 * says why. */
extern RgChild *rg_attempt_start(RgAttempt *attempt);

/* Part of recording a successful connection: keeps the host key that the SSH server has shown. */
extern void rg_attempt_keep_host_key(const RgAttempt *attempt);

/* The record of this connection for the source's history; the caller sets kind. */
extern RgConnection rg_attempt_outcome(const RgAttempt *attempt, bool success);

#endif
