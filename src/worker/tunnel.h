/*
 * tunnel.h — inside the worker room: the SSH tunnel of an attempt, from the resolved name of the SSH server
 * to the local port that leads to the data source.
 */
#ifndef RG_WORKER_TUNNEL_H
#define RG_WORKER_TUNNEL_H

#include "catalog/endpoint.h"
#include "failure.h"
#include "watch.h"

typedef struct RgTunnel
{
	bool begun;
	bool established;
	int port;        /* of 127.0.0.1: leads to the data source */
	char *host_key;  /* the server's, as metadata.ssh.host_key_seen shows it */
	RgWatch watch;   /* of ssh-keygen, then of ssh */
	RgCompanion ssh; /* what ssh has logged */
	int memory;      /* the key and the known host keys (process/openssh.h) */
	int learned;     /* the host key that ssh has learned */
	int reservation; /* of the port */
	const char *secrets;
} RgTunnel;

/*
 * Makes the tunnel within connection_timeout. The key is read before anything is dialed; the host key is
 * known before the key is used. *report gets what ssh dialed. False: *failure or *interruption says why. Call
 * rg_tunnel_close in any case.
 */
extern bool
rg_tunnel_open(RgTunnel *tunnel, const RgEndpoint *endpoint, const char *credentials, RgContinueCheck check,
			   void *argument, RgReport *report, RgFailure *failure, RgInterruption *interruption);

/*
 * Replaces *failure, with which a conversation through the tunnel ended, by the tunnel's own if the tunnel
 * was the reason.
 */
extern void rg_tunnel_explain(RgTunnel *tunnel, bool connected, RgFailure *failure);

/* The same after the companion has ended. */
extern void rg_tunnel_lost(RgTunnel *tunnel, RgFailure *failure);

extern void rg_tunnel_close(RgTunnel *tunnel);

#endif
