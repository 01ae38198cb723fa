#include "connectors/snowflake/service_error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOGIN(text)                                                                                          \
	{                                                                                                        \
		.step = "authenticate", .code = "authentication", .message = (text)                                  \
	}
#define NO_LONGER(text)                                                                                      \
	{                                                                                                        \
		.step = "authenticate", .code = "authentication", .message = (text), .hint = "Give a new one."       \
	}
#define BY_NETWORK_POLICY                                                                                    \
	{                                                                                                        \
		.step = "authenticate", .code = "permission",                                                        \
		.message = "A network policy of the account does not let this address in.",                          \
		.hint = "The account's administrator adds the address of this server to the policy."                 \
	}
#define MISSING(text)                                                                                        \
	{                                                                                                        \
		.step = "query", .code = SERVICE_MISSING, .message = (text),                                         \
		.hint = "Names are spelled as they are stored: in upper case, unless they were made in quotes."      \
	}
#define DENIED                                                                                               \
	{                                                                                                        \
		.step = "query", .code = "permission", .message = "The service denies the access.",                  \
		.hint = "The role needs USAGE on the database and the schema, and SELECT on what is read."           \
	}
#define NO_WAREHOUSE(text)                                                                                   \
	{                                                                                                        \
		.step = "query", .code = "configuration", .message = (text),                                         \
		.hint = "Name a warehouse as the credential warehouse; the role needs USAGE on it."                  \
	}
#define REFUSED                                                                                              \
	{                                                                                                        \
		.step = "query", .code = "query", .message = "The service refused the statement."                    \
	}
#define STOPPED(text)                                                                                        \
	{                                                                                                        \
		.step = "query", .code = "timeout", .transient = true, .message = (text)                             \
	}

/* What the service calls it, and what it is. */
static const ServiceMeaning meanings[] = {
	{"390100", LOGIN("The service does not know the user, or not with these credentials.")},
	{"390101", LOGIN("The service finds no token in the request.")},
	{"390102", LOGIN("The user is disabled, or locked.")},
	{"390114", NO_LONGER("The token has expired.")},
	{"390144",
	 {.step = "authenticate",
	  .code = "authentication",
	  .message = "The service does not accept the token that private_key signs.",
	  .hint = "The key's public half must be the user's RSA_PUBLIC_KEY, and username, and the host or "
			  "metadata.account, must name that user and account."}},
	{"390189",
	 {.step = "authenticate",
	  .code = "configuration",
	  .message = "The role does not exist, or the user may not take it.",
	  .hint = "Names are spelled as they are stored: in upper case, unless they were made in quotes."}},
	{"390195", LOGIN("The token is of another user.")},
	{"390201",
	 {.step = "query",
	  .code = "configuration",
	  .message =
		  "The warehouse, or the source's database or schema, does not exist, or the role may not use it.",
	  .hint = "Names are spelled as they are stored: in upper case, unless they were made in quotes."}},
	{"390303", LOGIN("The oauth_token is not valid.")},
	{"390318", NO_LONGER("The oauth_token has expired.")},
	{"390420", BY_NETWORK_POLICY},
	{"390422", BY_NETWORK_POLICY},
	{"390432", BY_NETWORK_POLICY},
	{"394400", LOGIN("The api_key is not valid as a programmatic access token.")},
	{"395092", LOGIN("The api_key is not valid as a programmatic access token.")},
	{"390001", SERVICE_THROTTLED},
	{"000606", NO_WAREHOUSE("No warehouse is chosen, and the user has none of its own.")},
	{"090073", NO_WAREHOUSE("The warehouse cannot be resumed.")},
	{"002003", MISSING("The object does not exist, or the role may not see it.")},
	{"002043", MISSING("The object does not exist, or the role may not see it.")},
	{"003001", DENIED},
	{"090030",
	 {.step = "query", .code = "too_large", .message = "The service says that the answer is too large."}},
	{"000604", STOPPED("The statement was cancelled at the service.")},
	{"000630", STOPPED("The statement took longer than query_timeout, or than the account allows.")},
	{"000008", REFUSED},
	{"000904", REFUSED},
	{"001003", REFUSED},
};

void
error_set(HttpFailure *failure, const HttpAnswer *answer)
{
	JsonTree *tree = service_body(answer);
	const JsonNode *error = tree ? json_tree_root(tree) : NULL;
	const char *code = json_member_text(error, "code");
	const ServiceMeaning *meaning = service_meaning(meanings, sizeof(meanings) / sizeof(meanings[0]), code);

	http_failure_set_status(failure, answer);
	if (meaning != NULL)
		*failure = meaning->failure;
	else if (answer->status == 408)
		*failure = (HttpFailure) STOPPED("The statement took longer than query_timeout.");
	else if (answer->status == 422)
		*failure = (HttpFailure) REFUSED;
	http_failure_name(failure, answer, code);
	json_tree_free(tree);
}
