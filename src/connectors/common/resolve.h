/*
 * resolve.h — the addresses of a host, for client libraries that are given one address at a time. A library
 * that resolves by itself does not need it: the server checks each address when it is dialed.
 */
#ifndef RG_CONNECTOR_RESOLVE_H
#define RG_CONNECTOR_RESOLVE_H

/*
 * Returns the numeric addresses of the host, in the order in which to dial them; the process keeps them. A
 * name that is not known ends the process with an error frame of step `resolve`.
 */
extern char **resolve_host(const char *name, int *count);

#endif
