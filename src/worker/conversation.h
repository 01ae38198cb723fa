/*
 * conversation.h — inside the worker room: one request to one connector, and its answer.
 */
#ifndef RG_CONVERSATION_H
#define RG_CONVERSATION_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "catalog/endpoint.h"
#include "failure.h"
#include "frames.h"
#include "merge/merge.h"
#include "merge/sample.h"
#include "queue/queue.h"
#include "watch.h"

typedef struct RgConversation
{
	RgWatch watch;
	const char *connector; /* the executable's path */
	RgMerge *merge;        /* of operation discover, else NULL */
	RgSamples *samples;    /* of operation sample, else NULL */
	StringInfo databases;  /* of operation databases: the names, a JSON array without its end; else NULL */
	RgProgress progress;
	TimestampTz asked_at;
	int32 response_time_ms; /* from the start of the connector to the connected frame */
	char *server;           /* what the connected frame named, or NULL */
	const char *secrets;    /* JSON text of the credentials: their values are struck out of messages */
	int query_timeout;
	TimestampTz last_moment; /* the end of all waiting */
	RgInterruption interruption;

	char *line; /* bytes received; complete lines are taken from the beginning */
	size_t length;
	size_t capacity;
	int log_frames;
	int other_frames;
	int capabilities; /* bits of RgCapability, from hello */
	bool asked;
	bool greeted;
	bool ended;
} RgConversation;

extern void rg_conversation_init(void);

/* Sets when the next frame must come at the latest, unless the last moment is earlier. */
extern void rg_conversation_set_deadline(RgConversation *conversation, int seconds);

/*
 * Waits for the connector's hello. Returns false when it does not come, does not offer the operation, or the
 * connector is confined less than the operator demands:
 * *failure or conversation->interruption says why, and the child is killed. The connector receives nothing
 * before its hello.
 */
extern bool rg_conversation_greet(RgConversation *conversation, const char *operation, RgFailure *failure);

/* Sends the request. */
extern void rg_conversation_ask(RgConversation *conversation, const char *request);

/*
 * Reads frames until the end. True: the answer is complete. False: *failure or conversation->interruption
 * says why. The child is killed in both cases.
 */
extern bool rg_converse(RgConversation *conversation, RgFailure *failure);

/* Takes an answer that is whole, in place of a connector's. Returns false: *failure says why. */
extern bool
rg_conversation_take(RgConversation *conversation, const char *lines, size_t length, RgFailure *failure);

/* The longest document that a connector may send, in bytes. */
extern int64 rg_conversation_document_limit(void);

#endif
