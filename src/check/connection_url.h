/*
 * connection_url.h — scheme://user:password@host:port/path?name=value&… Characters that divide a URL must be
 * percent-encoded inside its parts.
 */
#ifndef RG_CHECK_CONNECTION_URL_H
#define RG_CHECK_CONNECTION_URL_H

#include "postgres.h"

#include "connection_string.h"

extern void rg_connstr_parse_url(RgConnection *connection, const char *text, int length);

#endif
