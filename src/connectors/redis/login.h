/*
 * login.h — whom a connection is for. All of it may be missing: a server may let everybody in.
 */
#ifndef RG_REDIS_LOGIN_H
#define RG_REDIS_LOGIN_H

#include "connectors/common/request.h"

/* What all connections to a source have in common. */
typedef struct Login
{
	char *username; /* NULL: the user "default" */
	char *password;
	char *certificate;
	char *key;
	char *passphrase;
	int database;
	size_t most_text; /* bytes of a value that is kept */
} Login;

/* Ends the process if the source cannot be reached as it is registered. */
extern void login_take(Login *login, Request *request);
extern void login_forget(Login *login);

#endif
