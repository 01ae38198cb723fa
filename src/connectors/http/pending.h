/*
 * pending.h — a client's requests that have no answer yet, and those whose answer is not taken yet.
 * For the client alone.
 */
#ifndef RG_HTTP_PENDING_H
#define RG_HTTP_PENDING_H

#include "connectors/http/client.h"
#include "connectors/http/pace.h"
#include "connectors/http/transfer.h"

typedef enum PendingState
{
	PENDING_WAITS, /* for its turn, the first time or again */
	PENDING_RUNS,
	PENDING_IS_DONE
} PendingState;

/* What a sending came to after which the request was sent again. */
typedef struct Earlier
{
	bool is_answered;
	HttpAnswer answer;
	HttpFailure failure;
} Earlier;

struct HttpPending
{
	HttpClient *client;
	HttpPending *next; /* the one that was begun after it */
	HttpRequest request;
	PendingState state;
	HttpTransfer *transfer; /* while it runs */
	int tries;
	int64_t begun_at;    /* the first time */
	int64_t sent_at;     /* the last time */
	Deadline not_before; /* the next time */
	Deadline deadline;   /* for all times, from the first one on */
	bool is_abandoned;   /* what runs goes on to its end, so that the connection is kept */
	bool is_answered;
	HttpAnswer answer;
	HttpFailure failure;
	Earlier earlier;
};

struct HttpClient
{
	HttpEndpoint endpoint;
	CURLM *multi;
	HttpTransfer *transfers; /* pace.most of them, each used again and again */
	Pace pace;
	HttpPending *first;
	int running;
	size_t held_bytes; /* of answers that are not taken yet */
	bool is_encrypted;
	bool has_answered;
	int64_t requests;
	int64_t clock_offset; /* of the service, in seconds, as far as it is known */
};

#endif
