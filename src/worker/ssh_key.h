/* ssh_key.h — inside the worker room: the private key of a tunnel, in the form that every ssh reads. */
#ifndef RG_SSH_KEY_H
#define RG_SSH_KEY_H

#include "postgres.h"

/* The member of the credentials object (JSON text), in wiped memory, or NULL. */
extern char *rg_ssh_credential(const char *credentials, const char *name);

/*
 * Returns the key in OpenSSH's form if it is an Ed25519 key in PKCS#8 without a passphrase, which OpenSSH
 * reads since 9.6 only; otherwise the key as it is. In wiped memory.
 */
extern char *rg_ssh_key_readable(char *key);

#endif
