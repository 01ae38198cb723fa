/*
 * login_credentials.h — the credentials of sources that log in by a user name, with a password or a client
 * certificate.
 */
#ifndef RG_CONNECTOR_LOGIN_CREDENTIALS_H
#define RG_CONNECTOR_LOGIN_CREDENTIALS_H

#include "connectors/common/request.h"

typedef struct LoginCredentials
{
	char *username;
	char *password;
	char *certificate;
	char *key;
	char *passphrase; /* of the key */
} LoginCredentials;

/*
 * Takes the request's credentials over, and wipes them there. Ends the process if there is no user name, or
 * if a client certificate lacks its key, or a key its certificate.
 */
extern void login_credentials_take(LoginCredentials *credentials, Request *request);

/* For sources that know users by their certificates: with one there may be no user name. */
extern void login_credentials_take_certified(LoginCredentials *credentials, Request *request);

extern void login_credentials_forget(LoginCredentials *credentials);

#endif
