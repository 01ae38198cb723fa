/*
 * configuration.h — what every connector asks of the endpoint and the credentials before it dials.
 */
#ifndef RG_CONNECTOR_CONFIGURATION_H
#define RG_CONNECTOR_CONFIGURATION_H

#include <stdbool.h>

#include "connectors/common/request.h"
#include "wire/wire.h"

/* Ends the process: the source cannot be reached as it is registered. */
extern void configuration_fails(const char *message, const char *hint) __attribute__((noreturn));

/* Is the text absent or empty? */
extern bool configuration_lacks(const char *text);

/* Is the text an IPv4 or IPv6 address? */
extern bool configuration_is_address(const char *text);

/* Ends the process if the request allows no address, or one that is none. */
extern void configuration_check_addresses(const Request *request);

/* The member of that name of the metadata, a text that the caller frees; NULL: there is none. Ends the
 * process if it is no text. */
extern char *configuration_text_option(const WireObject *options, const char *name);

#endif
