/*
 * proxy.h — inside the worker room: the operator's proxy (rivergen.https_proxy), by which connectors of
 * services over HTTP leave, and nothing else.
 */
#ifndef RG_WORKER_PROXY_H
#define RG_WORKER_PROXY_H

#include "failure.h"
#include "process/process.h"
#include "watch.h"

typedef struct RgProxy
{
	const char *host; /* NULL: there is no proxy */
	int port;
	char *addresses; /* one a line; all may be dialed */
	char *username;  /* in wiped memory, as the password; NULL: it asks for none */
	char *password;
} RgProxy;

/* Is one set? */
extern bool rg_proxy_is_set(void);

/*
 * Reads the settings and the file, and finds the addresses within this time. False: *failure or *interruption
 * says why; a caller learns no more than that the proxy cannot be used, the log has the rest.
 */
extern bool rg_proxy_open(RgProxy *proxy, int seconds, RgContinueCheck check, void *argument,
						  RgFailure *failure, RgInterruption *interruption);

/* Lets the program dial the proxy only. */
extern void rg_proxy_confine(const RgProxy *proxy, RgConfinement *confinement);

/* The credentials of a source, a JSON object, with those of the proxy; in wiped memory. */
extern char *rg_proxy_add_credentials(const RgProxy *proxy, const char *credentials);

/* What is wrong with the settings, for the operator; NULL: nothing is seen. */
extern const char *rg_proxy_fault(void);

#endif
