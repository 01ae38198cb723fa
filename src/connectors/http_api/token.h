/*
 * token.h — a token that the service's token endpoint gives for the id and the secret of a client (OAuth 2.0,
 * client credentials). It lives in memory only.
 */
#ifndef RG_HTTP_API_TOKEN_H
#define RG_HTTP_API_TOKEN_H

#include "connectors/http/client.h"

typedef struct Token
{
	char *client_id; /* NULL: the source has no such credentials */
	char *client_secret;
	char *url;
	char *scope;
	const char *path; /* of the URL */
	HttpEndpoint endpoint;
	HttpClient *client;
	char *authorization; /* value of a header, while there is a token */
	int64_t expires_at;  /* of the monotonic clock, in milliseconds; 0: not known */
} Token;

/* Checks the URL, and opens a client of its host. Ends the process if it is not usable. */
extern void token_open(Token *token, const Request *request);

/* The value of the header Authorization, with a token that is valid; NULL with a failure. */
extern const char *token_authorization(Token *token, HttpFailure *failure);

/* The service refuses the token. Returns false if there was none. */
extern bool token_forget(Token *token);

#endif
