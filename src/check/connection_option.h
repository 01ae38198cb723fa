/*
 * connection_option.h — the options of a connection string: name=value after a URL's ?, or all of the keyword
 * form.
 */
#ifndef RG_CHECK_CONNECTION_OPTION_H
#define RG_CHECK_CONNECTION_OPTION_H

#include "postgres.h"

#include "connection_string.h"
#include "driver_option.h"

extern void rg_connstr_set(RgConnection *connection, RgConnectionPart part, const char *value);
extern void rg_connstr_settle_tls(RgConnection *connection);
extern void
rg_connstr_option(RgConnection *connection, int position, const char *name, int length, const char *value);

#endif
