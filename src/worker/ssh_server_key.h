/*
 * ssh_server_key.h — inside the worker room: which host key the SSH server of a tunnel must have, and which
 * it shows.
 */
#ifndef RG_WORKER_SSH_SERVER_KEY_H
#define RG_WORKER_SSH_SERVER_KEY_H

#include "opening.h"

/* Reads the keys that metadata.ssh.host_key demands and that were seen before. */
extern bool rg_ssh_server_key_read_pins(RgOpening *opening);

/* Asks the server for its host key, and keeps it as the known one. */
extern bool rg_ssh_server_key_learn(RgOpening *opening);

/* ssh has refused the host key: asks for another kind where the shown key is demanded, else it fails. */
extern bool rg_ssh_server_key_mend(RgOpening *opening);

/* The key that the server has shown, as people see it. */
extern char *rg_ssh_server_key_describe(const RgOpening *opening);

#endif
