/*
 * ssh_key.c — the private key of a tunnel, which is given in another form to OpenSSH.
 *
 * Sources: src/wire src/worker/ssh_key.c
 * Uses: server sodium
 */
#include "postgres.h"

#include "worker/ssh_key.h"

#include "fuzz.h"

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *key = fuzz_text(&rest);
	char *readable = rg_ssh_key_readable(key);

	fuzz_must(readable == key || strncmp(readable, "-----BEGIN OPENSSH PRIVATE KEY-----", 35) == 0,
			  "a key is left as it is, or becomes OpenSSH's");
	(void) rg_ssh_credential(key, "ssh_private_key");
}
