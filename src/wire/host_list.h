/*
 * host_list.h — the setting rivergen.allowed_hosts: a comma-separated list of host names, each with :port
 * behind it or not, which means 443. `*.example.com` is every name that ends so, `*` every name. Plain C.
 */
#ifndef RG_WIRE_HOST_LIST_H
#define RG_WIRE_HOST_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the first entry that is malformed, and its length in *length; NULL: there is none. */
extern const char *wire_host_list_fault(const char *list, size_t *length);

/* Names are compared in any case, and with or without the dot at their end. */
extern bool wire_host_is_listed(const char *list, const char *host, int port);

#endif
