/*
 * dial.h — from a request to an authenticated connection by libpq.
 */
#ifndef RG_LIBPQ_DIAL_H
#define RG_LIBPQ_DIAL_H

#include <libpq-fe.h>

#include "connectors/common/deadline.h"
#include "connectors/common/login_credentials.h"

/*
 * Dials the request's addresses in turn, takes the request's credentials over, and wipes them there. The hint
 * names the usual port. A failure ends the process with an error frame.
 */
extern PGconn *
libpq_connect(Request *request, const char *usual_port, Deadline deadline, LoginCredentials *credentials);

/* The server let the user in without a secret. */
extern void libpq_give_up_without_secret(void) __attribute__((noreturn));

/* Connector.prepare: does what each login needs of the libraries. */
extern void libpq_prepare(void);

#endif
