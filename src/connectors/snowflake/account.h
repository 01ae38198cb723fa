/*
 * account.h — which account a data source is of, and where it is served.
 */
#ifndef RG_SNOWFLAKE_ACCOUNT_H
#define RG_SNOWFLAKE_ACCOUNT_H

#include "connectors/http/endpoint.h"

typedef struct Account
{
	char *name;      /* as tokens name it: in upper case, without a region; NULL: an address has none */
	bool is_vendors; /* the host is below Snowflake's own domain */
} Account;

/*
 * Takes the host of the request, which may be an account's identifier alone. Below Snowflake's domain the
 * host is always verified, whatever the request's TLS mode is; elsewhere nothing is sent without TLS unless
 * that mode is `disable`. Ends the process if they are not usable.
 */
extern void account_take(Account *account, HttpEndpoint *endpoint, Request *request);

#endif
