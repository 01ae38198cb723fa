/*
 * credentials.h — the value of the header Authorization that the credentials of a request come to.
 */
#ifndef RG_ELASTICSEARCH_CREDENTIALS_H
#define RG_ELASTICSEARCH_CREDENTIALS_H

#include "connectors/common/request.h"

/*
 * Wipes the credentials of the request. Returns NULL if there are none. Ends the process if there are two
 * kinds of them, or half of one.
 */
extern char *authorization_take(Request *request);

#endif
