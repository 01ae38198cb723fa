/*
 * dialer.h — the part of the supervisor that makes the sockets of a connector and dials for it. Plain C, no
 * server code.
 *
 * The connector's filter notifies socket() and connect(). The supervisor receives notifications, passes them
 * to rg_dialer_serve, and polls the dialer's descriptor beside the listener.
 */
#ifndef RG_DIALER_H
#define RG_DIALER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

#include "process/vet.h"

typedef struct RgDialerSettings
{
	uint16_t local_port; /* see RgDialRules */
	uint16_t proxy_port;
	RgNetworks allowed; /* the operator's; they must outlive the dialer */
	RgNetworks denied;
	int timeout; /* of one connection, in seconds; 0: the kernel's */
	int report;  /* where each dial is reported, one a line; -1: nowhere */
} RgDialerSettings;

typedef struct RgDialer RgDialer;

/*
 * Serves the listener of this child. Call it after the fork: it raises this process's limit of descriptors.
 * NULL: errno says why.
 */
extern RgDialer *rg_dialer_start(const RgDialerSettings *settings, int listener, pid_t child);

/* When it is readable, call rg_dialer_work. */
extern int rg_dialer_descriptor(const RgDialer *dialer);
extern void rg_dialer_work(RgDialer *dialer);

/* Answers a notification, now or later. false: it is of another call, and not answered. Never waits. */
extern bool rg_dialer_serve(RgDialer *dialer, const struct seccomp_notif *notification);

/* The child has ended. Reports the dials that have not. */
extern void rg_dialer_end(RgDialer *dialer);

#endif
