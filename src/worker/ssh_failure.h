/*
 * ssh_failure.h — inside the worker room: makes failures of what OpenSSH's programs say. Their words hold
 * text of the SSH server: they are searched, and only a cleaned piece becomes a detail.
 */
#ifndef RG_SSH_FAILURE_H
#define RG_SSH_FAILURE_H

#include "postgres.h"

#include "failure.h"

/* What a failure of ssh before the tunnel is there leads to, beside the end of the attempt. */
typedef enum RgSshCause
{
	RG_SSH_FAILED,
	RG_SSH_UNREACHED,  /* another address of the server may help */
	RG_SSH_PORT_TAKEN, /* another local port helps */
	RG_SSH_HOST_KEY    /* the server has another key than those that are known */
} RgSshCause;

/* Why ssh ended before the tunnel was there. secrets: JSON text of the credentials, which are struck out. */
extern RgSshCause rg_ssh_failed(RgFailure *failure, const char *log, const char *secrets);

/* Why ssh ended after the tunnel was there. */
extern void rg_ssh_lost(RgFailure *failure, const char *log, const char *secrets);

/*
 * Could the SSH server not open a connection to the data source? Then *failure says why; otherwise it is left
 * as it is.
 */
extern bool rg_ssh_refused_target(RgFailure *failure, const char *log);

/* Why ssh-keygen could not read the key. */
extern void rg_ssh_key_failed(RgFailure *failure, const char *said, bool has_passphrase);

/* The fingerprint of the host key that the server has shown, SHA256:…, or NULL. */
extern char *rg_ssh_shown_fingerprint(const char *log);

#endif
