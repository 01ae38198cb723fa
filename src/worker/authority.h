/* authority.h — inside the worker room: the host and port of a URL that an operator has set. */
#ifndef RG_WORKER_AUTHORITY_H
#define RG_WORKER_AUTHORITY_H

#include "postgres.h"

/*
 * Reads HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. The port is a text of digits; "0": there is none.
 * False: it is none of these.
 */
extern bool rg_authority_read(const char *text, const char **host, const char **port);

#endif
