/*
 * openssh.h — how OpenSSH's client is run for a tunnel. README.md beside this file says why it is run so.
 */
#ifndef RG_OPENSSH_H
#define RG_OPENSSH_H

#include "postgres.h"

#include "process/process.h"

typedef enum RgOpensshUse
{
	RG_OPENSSH_LEARN,  /* learns the server's host key, without logging in */
	RG_OPENSSH_FORWARD /* logs in and forwards the local port */
} RgOpensshUse;

typedef struct RgOpensshPlan
{
	RgOpensshUse use;
	const char *address; /* of the SSH server; vetted */
	int port;
	const char *username;
	int connection_timeout;  /* seconds */
	const char *key_types;   /* algorithms of the host key; NULL: what both sides prefer */
	int local_port;          /* on 127.0.0.1 */
	const char *target_host; /* as the SSH server resolves it */
	int target_port;
} RgOpensshPlan;

/* Returns the path of ssh or ssh-keygen on the server's PATH, or NULL. */
extern char *rg_openssh_program(const char *name);

/* Are both there? */
extern bool rg_openssh_installed(void);

/*
 * Makes an anonymous file in memory that only this user may open: the standard input of ssh-keygen and ssh.
 * It holds the private key, and behind it first the passphrase, then the known host keys.
 */
extern int rg_openssh_memory_open(void);
extern void rg_openssh_memory_write(int memory, const char *bytes, size_t length);
extern void rg_openssh_memory_cut(int memory, off_t length);
extern void rg_openssh_memory_close(int *memory);

/* Starts ssh-keygen, which replaces the key in memory by the same key without a passphrase. */
extern RgChild *rg_openssh_start_keygen(const char *program, int memory);

/* Starts ssh. Its output is its log, which has no bytes of the server before it has logged in. */
extern RgChild *rg_openssh_start_ssh(const char *program, const RgOpensshPlan *plan, int memory);

/* The line of a known_hosts file by which ssh finds the host key. */
extern char *rg_openssh_known_host(const char *type, const char *key);

/* The host key that ssh has written into memory: type, a space, and the key in base64. NULL: there is none.
 */
extern char *rg_openssh_learned(int memory);

/*
 * Reserves a free port of 127.0.0.1: while the descriptor is open the kernel gives the port to no other
 * tunnel of this machine, and ssh can listen on it.
 */
extern int rg_openssh_reserve_port(int *port);
extern void rg_openssh_release_port(int *descriptor);

/* Does a process of this user listen on this port of 127.0.0.1? */
extern bool rg_openssh_is_listening(int port);

#endif
