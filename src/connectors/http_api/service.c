#include "connectors/http_api/service.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/authorization.h"

/* ---- metadata ---- */

static void
check_path(const char *path)
{
	if (path == NULL || path[0] != '/' || path[1] == '/' || strpbrk(path, " \t\r\n#") != NULL)
		configuration_fails("A path of the metadata is none.",
							"metadata.openapi_path and metadata.endpoints have paths such as /v1/users, "
							"without a host.");
}

static void
take_endpoints(Service *service, const WireObject *options)
{
	WireSpan list = wire_member(options, "endpoints");
	WireSpan each;

	if (list.start == NULL)
		return;
	if (list.start[0] != '[')
		configuration_fails("metadata.endpoints is no array of paths.", NULL);
	service->endpoints = allocate(MOST_ENDPOINTS * sizeof(char *));
	while (wire_array_next(&list, &each))
	{
		if (service->endpoint_count == MOST_ENDPOINTS)
			configuration_fails("metadata.endpoints has more than 1,000 paths.", NULL);
		service->endpoints[service->endpoint_count] = wire_string_dup(each);
		check_path(service->endpoints[service->endpoint_count++]);
	}
}

static void
take_options(Service *service, const Request *request)
{
	static WireObject options;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	service->openapi_path = configuration_text_option(&options, "openapi_path");
	if (service->openapi_path != NULL)
		check_path(service->openapi_path);
	take_endpoints(service, &options);
	if (service->openapi_path != NULL && service->endpoint_count > 0)
		configuration_fails("The metadata has both openapi_path and endpoints.", "Give one of them.");
	service->key_header = configuration_text_option(&options, "api_key_header");
	service->key_query = configuration_text_option(&options, "api_key_query");
	if (strpbrk(service->key_header ? service->key_header : "", ": \t\r\n") != NULL)
		configuration_fails("metadata.api_key_header is no name of a header.", NULL);
	service->token.url = configuration_text_option(&options, "token_url");
	service->token.scope = configuration_text_option(&options, "token_scope");
}

/* ---- credentials ---- */

static char *
credential(const Request *request, const char *name)
{
	char *text = request_credential(request, name);

	if (strpbrk(text ? text : "", "\r\n") != NULL)
		configuration_fails("A credential has a line end in it.", NULL);
	if (!configuration_lacks(text))
		return text;
	forget_text(text);
	return NULL;
}

static void
check_credentials(const Service *service, const char *username, const char *password, const char *bearer)
{
	const Token *token = &service->token;

	if ((username != NULL) + (bearer != NULL) + (token->client_id != NULL) > 1)
		configuration_fails("The credentials are of more than one kind.",
							"Give username and password, or oauth_token, or client_id and client_secret; "
							"api_key may stand beside them.");
	if ((username == NULL) != (password == NULL))
		configuration_fails("Of username and password the credentials have only one.", NULL);
	if (username != NULL && strchr(username, ':') != NULL)
		configuration_fails("The username has a colon in it.", NULL);
	if ((token->client_id == NULL) != (token->client_secret == NULL))
		configuration_fails("Of client_id and client_secret the credentials have only one.", NULL);
	if (token->client_id != NULL && configuration_lacks(token->url))
		configuration_fails("metadata.token_url is missing.",
							"The token for client_id and client_secret is asked for there.");
}

static void
take_credentials(Service *service, Request *request)
{
	char *username = credential(request, "username");
	char *password = credential(request, "password");
	char *bearer = credential(request, "oauth_token");

	service->api_key = credential(request, "api_key");
	service->token.client_id = credential(request, "client_id");
	service->token.client_secret = credential(request, "client_secret");
	check_credentials(service, username, password, bearer);
	if (username != NULL)
		service->authorization = authorization_basic(username, password);
	else if (bearer != NULL)
		service->authorization = authorization_bearer(bearer);
	forget_text(username);
	forget_text(password);
	forget_text(bearer);
}

/* Some services refuse with 403 who asks too often, and say so in another header. */
static bool
is_throttled(const HttpAnswer *answer)
{
	const char *left = http_header(&answer->headers, "x-ratelimit-remaining");

	if (left == NULL)
		left = http_header(&answer->headers, "ratelimit-remaining");
	return answer->status == 403 && left != NULL && strcmp(left, "0") == 0;
}

void
service_open(Service *service, Request *request)
{
	ClientCertificate certificate;

	*service = (Service){0};
	take_options(service, request);
	client_certificate_take(&certificate, request);
	take_credentials(service, request);
	request_forget_credentials(request);
	http_endpoint_take(&service->endpoint, request, NULL);
	service->endpoint.certificate = certificate.certificate;
	service->endpoint.key = certificate.key;
	service->endpoint.passphrase = certificate.passphrase;
	service->endpoint.is_throttled = is_throttled;
	if (service->authorization != NULL || service->api_key != NULL || service->token.client_id != NULL)
		protect_credentials(&service->endpoint, request);
	service->client = http_open(&service->endpoint);
	if (service->token.client_id != NULL)
		token_open(&service->token, request);
}

/* ---- requests ---- */

static char *
unescaped(const char *text, size_t length)
{
	char *copy = allocate(length + 1);

	memcpy(copy, text, length);
	copy[length] = '\0';
	(void) url_unescape(copy, true);
	return copy;
}

/* Adds the parameters that stand in a query of a URL. */
static void
add_query(UrlQuery *query, const char *text)
{
	while (*text != '\0')
	{
		size_t length = strcspn(text, "&#");
		const char *equals = memchr(text, '=', length);
		size_t name_length = equals ? (size_t) (equals - text) : length;
		char *name = unescaped(text, name_length);
		char *value = equals ? unescaped(equals + 1, length - name_length - 1) : copy_text("");

		if (length > 0)
			url_query_add(query, name, value);
		free(name);
		free(value);
		if (text[length] != '&')
			return;
		text += length + 1;
	}
}

static bool
add_credentials(Service *service, HttpRequest *request, HttpFailure *failure)
{
	const char *authorization = service->authorization;

	if (service->token.client_id != NULL)
	{
		authorization = token_authorization(&service->token, failure);
		if (authorization == NULL)
			return false;
	}
	if (authorization != NULL)
		http_header_add(&request->headers, "authorization", authorization);
	if (service->api_key == NULL)
		return true;
	if (service->key_query != NULL)
		url_query_add(&request->query, service->key_query, service->api_key);
	else
		http_header_add(&request->headers, service->key_header ? service->key_header : "X-API-Key",
						service->api_key);
	return true;
}

static bool
send_once(Service *service, const ServiceQuestion *question, HttpAnswer *answer, HttpFailure *failure)
{
	const char *mark = strchr(question->path, '?');
	char *path = copy_text(question->path);
	HttpRequest request = {.method = "GET",
						   .path = path,
						   .query = url_query_copy(&question->query),
						   .most_bytes = question->most_bytes};
	bool fine;

	*answer = (HttpAnswer){0};
	path[strcspn(path, "?#")] = '\0';
	if (mark != NULL)
		add_query(&request.query, mark + 1);
	http_header_add(&request.headers, "accept", question->accept);
	fine =
		add_credentials(service, &request, failure) && http_send(service->client, &request, answer, failure);
	for (int i = 0; i < request.query.count; i++)
		explicit_bzero(request.query.parameters[i].value, strlen(request.query.parameters[i].value));
	http_request_free(&request);
	free(path);
	return fine;
}

/* A token may end before its time: then there is another one, once. */
bool
service_get(Service *service, ServiceQuestion *question, HttpAnswer *answer, HttpFailure *failure)
{
	bool fine = send_once(service, question, answer, failure);

	if (fine && answer->status == 401 && token_forget(&service->token))
	{
		http_answer_free(answer);
		fine = send_once(service, question, answer, failure);
	}
	url_query_free(&question->query);
	if (!fine)
	{
		answer->status = 0;
		return false;
	}
	if (answer->status >= 200 && answer->status < 300)
		return true;
	http_failure_set_status(failure, answer);
	return false;
}
