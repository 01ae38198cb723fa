#include "connectors/redis/failure.h"

#include <stdio.h>
#include <string.h>

typedef struct Meaning
{
	const char *words; /* with which the error begins */
	DialMeaning meaning;
} Meaning;

#define CREDENTIALS                                                                                          \
	"Check username and password. Without a username the password is that of the user \"default\"."

#define MOVING                                                                                               \
	{                                                                                                        \
		.step = "query", .code = "query", .transient = true, .message = "The cluster is moving keys.",       \
		.hint = "Try again later."                                                                           \
	}

static const Meaning meanings[] = {
	{"NOAUTH",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The server asks for a password.",
	  .hint = CREDENTIALS}},
	{"WRONGPASS",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The server refused the user or the password.",
	  .hint = CREDENTIALS}},
	{"ERR invalid password",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The server refused the password.",
	  .hint = CREDENTIALS}},
	{"ERR AUTH",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The server has no password for the user \"default\".",
	  .hint = "Leave the password out, or set one at the server."}},
	{"ERR Client sent AUTH",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The server has no password.",
	  .hint = "Leave the password out, or set one at the server."}},
	{"ERR wrong number of arguments for 'auth'",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The server is older than Redis 6 and has no users.",
	  .hint = "Leave the username out."}},
	{"DENIED",
	 {.step = "connect",
	  .code = "permission",
	  .message = "The server is in protected mode: it accepts connections from its own machine only.",
	  .hint = "Give the server a password, or let it listen on the addresses that are meant."}},
	{"NOPERM",
	 {.step = "query",
	  .code = "permission",
	  .message = "The user may not run a command that is needed.",
	  .hint = "Grant the user SCAN, TYPE and the commands that read (+@read), and the keys to be read."}},
	{"LOADING",
	 {.step = "connect",
	  .code = "refused",
	  .transient = true,
	  .another_address_may_help = true,
	  .message = "The server is loading its data.",
	  .hint = "Try again later."}},
	{"BUSY",
	 {.step = "connect",
	  .code = "refused",
	  .transient = true,
	  .another_address_may_help = true,
	  .message = "The server is busy with a script.",
	  .hint = "Try again later."}},
	{"MASTERDOWN",
	 {.step = "connect",
	  .code = "refused",
	  .transient = true,
	  .another_address_may_help = true,
	  .message = "The server is a replica without its master, and answers nothing.",
	  .hint = "Try again later, or use another host."}},
	{"CLUSTERDOWN",
	 {.step = "connect",
	  .code = "refused",
	  .transient = true,
	  .message = "The cluster is down.",
	  .hint = "Try again later."}},
	{"TRYAGAIN", MOVING},
	{"MOVED ", MOVING},
	{"ASK ", MOVING},
	{"ERR max number of clients",
	 {.step = "connect",
	  .code = "refused",
	  .transient = true,
	  .another_address_may_help = true,
	  .message = "The server has as many connections as it may have.",
	  .hint = "Try again later, or raise the server's maxclients."}},
	{"ERR DB index is out of range",
	 {.step = "connect",
	  .code = "database_not_found",
	  .message = "The server has no database of this number.",
	  .hint = "The database name is a number from 0 on; a server usually has 16."}},
	{"ERR SELECT is not allowed in cluster mode",
	 {.step = "configure",
	  .code = "configuration",
	  .message = "A cluster has only the database 0.",
	  .hint = "Leave the database name out."}},
	{"ERR unknown command",
	 {.step = "query",
	  .code = "unsupported",
	  .message = "The server does not know a command that is needed."}},
	{"", {.step = "query", .code = "query", .message = "The server refused a command."}},
};

void
failure_describe(DialFailure *failure, const RespAnswer *answer, const RespValue *error)
{
	const Meaning *meaning = meanings;
	RespText text = resp_text(answer, error);

	while (!resp_begins_with(answer, error, meaning->words))
		meaning++;
	dial_failure_set(failure, &meaning->meaning);
	if (meaning->words[0] == '\0')
	{
		int length = (int) strcspn(text.bytes, " ");

		snprintf(failure->detail, sizeof(failure->detail), "Its error begins with %.*s.",
				 length < 32 ? length : 32, text.bytes);
	}
}

bool
failure_is_of_login(const RespAnswer *answer, const RespValue *error)
{
	DialFailure failure;

	failure_describe(&failure, answer, error);
	return strcmp(failure.step, "query") != 0;
}

bool
failure_is_permission(const RespAnswer *answer, const RespValue *error)
{
	return error->kind == RESP_ERROR && resp_begins_with(answer, error, "NOPERM");
}

bool
failure_is_of_another_node(const RespAnswer *answer, const RespValue *error)
{
	return error->kind == RESP_ERROR &&
		   (resp_begins_with(answer, error, "MOVED ") || resp_begins_with(answer, error, "ASK "));
}
