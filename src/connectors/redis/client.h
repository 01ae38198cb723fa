/*
 * client.h — commands and answers on one connection. Commands are collected, sent together, and answered in
 * their order. What goes wrong on the way ends the process.
 */
#ifndef RG_REDIS_CLIENT_H
#define RG_REDIS_CLIENT_H

#include "connectors/redis/resp.h"
#include "connectors/tcp/connection.h"

typedef struct Client
{
	TcpConnection *connection;
	RespReader reader;
	WireBuffer commands; /* not yet sent */
	int unanswered;      /* commands */
	int answer_timeout;  /* seconds */
	bool has_answered;
	bool is_logged_in;
} Client;

/* most_text: bytes of a value that is kept. */
extern void client_begin(Client *client, TcpConnection *connection, int answer_timeout, size_t most_text);

/* Adds a command: its word, then its arguments. */
extern void client_add(Client *client, const RespText *words, int count);

#define CLIENT_TEXT(text) ((RespText){.bytes = (text), .length = strlen(text)})

/* Sends the commands that were added. Returns false with the failure. */
extern bool client_try_send(Client *client);
extern void client_send(Client *client);

/* Takes the next answer. Returns false if there is none: client_failure() says why. */
extern bool client_try_receive(Client *client, RespAnswer *answer);
extern void client_receive(Client *client, RespAnswer *answer);
extern void client_failure(const Client *client, DialFailure *failure);

/* Adds the command, sends it, and takes its answer. The words are literals and texts with a zero. */
extern void client_ask(Client *client, RespAnswer *answer, int count, const char *const *words);

/* Is it as it was after the login? A server that has ended it says so, or has closed it. */
extern bool client_is_at_rest(const Client *client);

/* Ends the process: an error of the server, or an answer that is none. */
extern void client_give_up(const RespAnswer *answer, const RespValue *error) __attribute__((noreturn));
extern void client_give_up_malformed(void) __attribute__((noreturn));

extern void client_end(Client *client);

#endif
