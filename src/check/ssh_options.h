/* ssh_options.h — metadata.ssh: the host keys that the tunnel's server may have. */
#ifndef RG_SSH_OPTIONS_H
#define RG_SSH_OPTIONS_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "check/fault.h"

/* Checks metadata.ssh (NULL: absent). */
extern void rg_pins_check_options(RgFaults *faults, const JsonbValue *ssh);

/*
 * Returns metadata without ssh.host_key_seen, and without an ssh that is empty then. Answers show that
 * member, so clients send it back; only workers set it.
 */
extern JsonbValue *rg_pins_kept_options(JsonbValue *metadata);

#endif
