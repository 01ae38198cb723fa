/*
 * login.h — who asks: tokens that a key signs, or tokens that were given.
 */
#ifndef RG_SNOWFLAKE_LOGIN_H
#define RG_SNOWFLAKE_LOGIN_H

#include <openssl/evp.h>

#include "connectors/common/request.h"
#include "connectors/http/message.h"

typedef struct Login
{
	const char *kind; /* the service's word for the token */
	char *token;
	EVP_PKEY *key; /* NULL: the token was given */
	char *subject; /* ACCOUNT.USER */
	char *issuer;  /* the subject, and the fingerprint of the key */
	int64_t signed_at;
	int64_t clock_offset; /* of the service, in seconds, as far as it is known */
} Login;

/* Takes the credentials, which it wipes in the request. account: NULL if it is not known. */
extern void login_take(Login *login, Request *request, const char *account);

/* The token of a request that is sent now. */
extern const char *login_token(Login *login);

/* After an answer that refuses the token: makes another one. Returns false if that is no help. */
extern bool login_renew(Login *login, const HttpAnswer *answer);

#endif
