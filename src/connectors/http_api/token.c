#include "connectors/http_api/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/authorization.h"
#include "connectors/service/answer.h"

#define MOST_ANSWER_BYTES 65536

/* A token is not used in its last seconds. */
#define SPARED_SECONDS 10

/* ---- the endpoint ---- */

/* Cuts the URL at its host and its port. Returns whether it is encrypted. */
static bool
cut_url(Token *token, char **host, int *port)
{
	bool is_encrypted = strncmp(token->url, "https://", 8) == 0;
	char *at = token->url + (is_encrypted ? 8 : 7);
	char *colon;

	if (!is_encrypted && strncmp(token->url, "http://", 7) != 0)
		configuration_fails("metadata.token_url is no URL.", "It begins with https:// and names a host.");
	token->path = strchr(at, '/');
	token->path = token->path ? copy_text(token->path) : "/";
	at[strcspn(at, "/?#")] = '\0';
	colon = *at == '[' ? strstr(at, "]:") : strchr(at, ':');
	if (colon != NULL)
		colon += *colon == ']';
	*port = colon ? atoi(colon + 1) : is_encrypted ? 443 : 80;
	if (colon != NULL)
		*colon = '\0';
	if (*at == '[')
	{
		at++;
		at[strcspn(at, "]")] = '\0';
	}
	*host = at;
	if (*at == '\0' || *port <= 0 || *port > 65535 || strpbrk(token->path, " \r\n") != NULL)
		configuration_fails("metadata.token_url is no URL.", "It begins with https:// and names a host.");
	return is_encrypted;
}

/* Another host than the source's is verified whatever the source's own mode is: it is given a secret. */
void
token_open(Token *token, const Request *request)
{
	Request there = *request;
	bool is_encrypted = cut_url(token, &there.host, &there.port);
	bool is_same = request->host != NULL && strcmp(there.host, request->host) == 0;

	if (!is_encrypted && request->tls_mode != TLS_DISABLE)
		configuration_fails("metadata.token_url is not encrypted.", "It begins with https://.");
	if (!is_same && request->addresses != NULL)
		configuration_fails("The host of metadata.token_url cannot be reached by this server.",
							"Without the dialer only the source's own host is dialed.");
	if (!is_same)
		there.tunnel = false;
	there.tls_mode = !is_encrypted                               ? TLS_DISABLE
					 : is_same && request->tls_mode > TLS_PREFER ? request->tls_mode
					 : is_same                                   ? TLS_REQUIRE
																 : TLS_VERIFY_FULL;
	http_endpoint_take(&token->endpoint, &there, NULL);
	token->client = http_open(&token->endpoint);
}

/* ---- the token ---- */

static void
append_field(WireBuffer *out, const char *name, const char *value)
{
	if (out->length > 0)
		wire_append_text(out, "&");
	wire_append_text(out, name);
	wire_append_text(out, "=");
	url_append_escaped(out, value, strlen(value), false);
}

/* RFC 6749, section 2.3.1: both are escaped before they become a user name and a password. */
static void
add_basic(const Token *token, HttpRequest *request)
{
	char *client_id = url_escaped(token->client_id);
	char *client_secret = url_escaped(token->client_secret);
	char *value = authorization_basic(client_id, client_secret);

	http_header_add(&request->headers, "authorization", value);
	forget_text(client_id);
	forget_text(client_secret);
	forget_text(value);
}

static bool
ask(Token *token, bool in_body, HttpAnswer *answer, HttpFailure *failure)
{
	HttpRequest request = {.method = "POST", .path = token->path, .most_bytes = MOST_ANSWER_BYTES};
	WireBuffer body = {0};
	bool fine;

	append_field(&body, "grant_type", "client_credentials");
	if (token->scope != NULL)
		append_field(&body, "scope", token->scope);
	if (in_body)
	{
		append_field(&body, "client_id", token->client_id);
		append_field(&body, "client_secret", token->client_secret);
	}
	else
		add_basic(token, &request);
	if (body.failed)
		give_up_out_of_memory();
	request.body = body.data;
	request.body_length = body.length;
	http_header_add(&request.headers, "content-type", "application/x-www-form-urlencoded");
	http_header_add(&request.headers, "accept", "application/json");
	fine = http_send(token->client, &request, answer, failure);
	http_request_free(&request);
	explicit_bzero(body.data, body.length);
	wire_free(&body);
	return fine;
}

static void
set_refusal(HttpFailure *failure, const HttpAnswer *answer)
{
	if (answer->status != 400 && answer->status != 401 && answer->status != 403)
	{
		http_failure_set_status(failure, answer);
		failure->step = "authenticate";
		return;
	}
	*failure = (HttpFailure){.step = "authenticate",
							 .code = "authentication",
							 .message = "The token endpoint does not accept the client's credentials.",
							 .hint = "Check client_id, client_secret and metadata.token_scope."};
	snprintf(failure->detail, sizeof(failure->detail), "The status of the answer is %d.", answer->status);
}

static void
take(Token *token, const HttpAnswer *answer, HttpFailure *failure)
{
	JsonTree *tree = service_object(answer, "What answers at metadata.token_url gives no token.", failure);
	const char *text = tree ? json_member_text(json_tree_root(tree), "access_token") : NULL;
	int64_t seconds;

	if (tree == NULL)
		return;
	if (text == NULL || *text == '\0' || strpbrk(text, "\r\n") != NULL)
		*failure = (HttpFailure){.step = "authenticate",
								 .code = "protocol",
								 .message = "What answers at metadata.token_url gives no token."};
	else
	{
		token->authorization = authorization_bearer(text);
		token->expires_at = 0;
		if (json_member_integer(json_tree_root(tree), "expires_in", &seconds) && seconds > 0)
			token->expires_at =
				deadline_after((int) (seconds > 86400                ? 86400
									  : seconds > 2 * SPARED_SECONDS ? seconds - SPARED_SECONDS
																	 : 1));
		explicit_bzero((char *) text, strlen(text));
	}
	json_tree_free(tree);
}

static void
fetch(Token *token, HttpFailure *failure)
{
	HttpAnswer answer;
	bool fine = ask(token, false, &answer, failure);

	if (fine && (answer.status == 400 || answer.status == 401))
	{
		http_answer_free(&answer);
		fine = ask(token, true, &answer, failure);
	}
	if (fine && (answer.status < 200 || answer.status >= 300))
		set_refusal(failure, &answer);
	else if (fine)
		take(token, &answer, failure);
	if (answer.body.data != NULL)
		explicit_bzero(answer.body.data, answer.body.length);
	http_answer_free(&answer);
}

const char *
token_authorization(Token *token, HttpFailure *failure)
{
	if (token->expires_at != 0 && deadline_milliseconds(token->expires_at) == 0)
		(void) token_forget(token);
	if (token->authorization == NULL)
		fetch(token, failure);
	return token->authorization;
}

bool
token_forget(Token *token)
{
	bool had_one = token->authorization != NULL;

	forget_text(token->authorization);
	token->authorization = NULL;
	token->expires_at = 0;
	return had_one;
}
