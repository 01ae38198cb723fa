/*
 * session.h — a connection to one server that has logged in, and what is known of the server.
 */
#ifndef RG_REDIS_SESSION_H
#define RG_REDIS_SESSION_H

#include "connectors/common/request.h"
#include "connectors/redis/client.h"
#include "connectors/redis/login.h"

typedef struct Server
{
	char product[32]; /* Redis, Valkey … */
	char version[32]; /* empty: the server does not say */
	bool is_cluster;
} Server;

typedef struct Session
{
	Client client;
	Server server;
} Session;

/*
 * Connects to the request's host, and logs in. Returns false with the failure.
 */
extern bool session_try_open(Session *session, Request *request, const Login *login, DialFailure *failure);

/* The same for the first of the request's hosts that can be had; ends the process if there is none. */
extern void session_open(Session *session, Request *request, const Login *login);

extern void session_close(Session *session);

#endif
