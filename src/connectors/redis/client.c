#include "connectors/redis/client.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/guard/guard.h"
#include "connectors/redis/failure.h"

/* Values beside the longest one in an answer: names of fields, elements of a page. */
#define BESIDE_TEXT ((size_t) 32 << 20)

static size_t
read_some(void *connection, void *bytes, size_t size)
{
	return tcp_read(connection, bytes, size);
}

void
client_begin(Client *client, TcpConnection *connection, int answer_timeout, size_t most_text)
{
	client->connection = connection;
	client->answer_timeout = answer_timeout;
	client->commands = (WireBuffer){.data = NULL};
	client->has_answered = false;
	client->is_logged_in = false;
	client->unanswered = 0;
	client->reader.read = read_some;
	client->reader.source = connection;
	client->reader.most_text = most_text;
	client->reader.most_answer = most_text + BESIDE_TEXT;
	client->reader.at = client->reader.filled = 0;
}

void
client_add(Client *client, const RespText *words, int count)
{
	WireBuffer *out = &client->commands;

	wire_append_text(out, "*");
	wire_append_integer(out, count);
	for (int i = 0; i < count; i++)
	{
		wire_append_text(out, "\r\n$");
		wire_append_integer(out, (int64_t) words[i].length);
		wire_append_text(out, "\r\n");
		wire_append(out, words[i].bytes, words[i].length);
	}
	wire_append_text(out, "\r\n");
	if (out->failed)
		give_up_out_of_memory();
	client->unanswered++;
}

bool
client_try_send(Client *client)
{
	bool is_sent;

	if (client->is_logged_in)
		guard_until(deadline_after(client->answer_timeout));
	is_sent = tcp_write(client->connection, client->commands.data, client->commands.length);
	wire_reset(&client->commands);
	return is_sent;
}

/* The time of an answer begins with it: a pipeline may have many long ones. */
bool
client_try_receive(Client *client, RespAnswer *answer)
{
	if (client->is_logged_in)
		guard_until(deadline_after(client->answer_timeout));
	client->unanswered--;
	if (!resp_read(&client->reader, answer))
		return false;
	client->has_answered = true;
	return true;
}

static void
describe_fault(const RespReader *reader, bool is_logged_in, DialFailure *failure)
{
	dial_failure_set(failure, &(DialMeaning){.step = is_logged_in ? "query" : "connect",
											 .code = reader->is_too_large ? "too_large" : "protocol",
											 .message = reader->fault,
											 .hint = is_logged_in ? NULL : "Check host and port."});
}

static void
describe_late(DialFailure *failure)
{
	dial_failure_set(failure, &(DialMeaning){.step = "query",
											 .code = "timeout",
											 .transient = true,
											 .message = "The server did not send its answer in time.",
											 .hint = "query_timeout bounds the wait."});
}

void
client_failure(const Client *client, DialFailure *failure)
{
	if (client->reader.fault)
		describe_fault(&client->reader, client->is_logged_in, failure);
	else if (client->is_logged_in && guard_is_late())
		describe_late(failure);
	else
		tcp_failure(client->connection, failure,
					"Check that a Redis server listens on this port, and its log.");
}

static void give_up_lost(const Client *client) __attribute__((noreturn));

static void
give_up_lost(const Client *client)
{
	DialFailure failure;

	client_failure(client, &failure);
	dial_failure_report(&failure);
}

void
client_send(Client *client)
{
	if (!client_try_send(client))
		give_up_lost(client);
}

void
client_receive(Client *client, RespAnswer *answer)
{
	if (!client_try_receive(client, answer))
		give_up_lost(client);
}

void
client_ask(Client *client, RespAnswer *answer, int count, const char *const *words)
{
	RespText texts[8];

	for (int i = 0; i < count; i++)
		texts[i] = CLIENT_TEXT(words[i]);
	client_add(client, texts, count);
	client_send(client);
	client_receive(client, answer);
}

bool
client_is_at_rest(const Client *client)
{
	return client->unanswered == 0 && !resp_has_more(&client->reader) && !tcp_has_news(client->connection);
}

void
client_give_up(const RespAnswer *answer, const RespValue *error)
{
	DialFailure failure;

	if (error->kind != RESP_ERROR)
		client_give_up_malformed();
	failure_describe(&failure, answer, error);
	dial_failure_report(&failure);
}

void
client_give_up_malformed(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server answered a command in a way that Redis does not."});
}

void
client_end(Client *client)
{
	if (client->connection)
		tcp_close(client->connection);
	client->connection = NULL;
	wire_free(&client->commands);
}
