#include "connectors/http_api/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http_api/yaml_tree.h"

#define MOST_HOPS  64
#define ACCEPTED   "application/vnd.oai.openapi+json, application/json, application/yaml;q=0.9, */*;q=0.8"
#define MOST_BYTES (64 * 1024 * 1024)

/* ---- documents ---- */

static JsonTree *
parse(const char *text, size_t length, char *fault, size_t size)
{
	size_t at = 0;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
	{
		text += 3;
		length -= 3;
	}
	while (at < length && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0')
		at++;
	if (at < length && text[at] == '{')
		return json_tree_read(text, length, fault, size);
	return yaml_tree_read(text, length, fault, size);
}

/* Returns NULL with a failure. */
static JsonTree *
read_document(Api *api, const char *path, HttpAnswer *answer, HttpFailure *failure)
{
	ServiceQuestion question = {.path = path, .accept = ACCEPTED, .most_bytes = MOST_DOCUMENT_BYTES};
	JsonTree *tree = NULL;
	char fault[160];

	if (!service_get(api->service, &question, answer, failure))
		return NULL;
	api->bytes += (int64_t) answer->body.length;
	if (answer->body.length > 0)
		tree = parse(answer->body.data, answer->body.length, fault, sizeof(fault));
	else
		snprintf(fault, sizeof(fault), "it is empty");
	if (tree != NULL && json_tree_root(tree)->kind == JSON_OBJECT)
		return tree;
	*failure = (HttpFailure){.step = "query",
							 .code = "protocol",
							 .message = "The OpenAPI document of the service cannot be read."};
	snprintf(failure->detail, sizeof(failure->detail), "%.100s: %.140s", path,
			 tree ? "it is no object" : fault);
	json_tree_free(tree);
	return NULL;
}

static int
add_document(Api *api, const char *path, JsonTree *tree)
{
	api->documents = reallocate(api->documents, (size_t) (api->count + 1) * sizeof(ApiDocument));
	api->documents[api->count] = (ApiDocument){.path = copy_text(path), .tree = tree};
	return api->count++;
}

static void
tell_unreadable(const char *path, const HttpFailure *failure)
{
	char message[512];

	snprintf(message, sizeof(message), "the document %.200s, which is referred to, cannot be read: %.200s",
			 path, failure->message);
	emit_log("warning", message);
}

/* Returns its number. */
static int
find_document(Api *api, const char *path)
{
	HttpAnswer answer = {0};
	HttpFailure failure = {.message = "There are too many of them."};
	JsonTree *tree = NULL;

	for (int i = 0; i < api->count; i++)
		if (strcmp(api->documents[i].path, path) == 0)
			return i;
	if (api->count >= MOST_DOCUMENTS)
		return -1;
	if (api->count % 100 == 0)
		emit_progress("read", ABSENT);
	if (api->bytes < MOST_BYTES)
		tree = read_document(api, path, &answer, &failure);
	http_answer_free(&answer);
	if (tree == NULL)
		tell_unreadable(path, &failure);
	return add_document(api, path, tree);
}

/* ---- references ---- */

/* The escapes of JSON pointers, after those of URLs: ~1 is a slash. */
static void
unescape_token(char *token)
{
	char *out = token;

	for (const char *in = token; *in != '\0'; in++)
		if (*in == '~' && (in[1] == '0' || in[1] == '1'))
			*out++ = *++in == '0' ? '~' : '/';
		else
			*out++ = *in;
	*out = '\0';
}

static const JsonNode *
child(const JsonNode *node, const char *token)
{
	long number = 0;

	if (node == NULL || node->kind != JSON_ARRAY)
		return json_member(node, token);
	number = strtol(token, NULL, 10);
	node = node->first;
	while (node != NULL && number-- > 0)
		node = node->next;
	return node;
}

static const JsonNode *
find_pointer(const JsonNode *node, const char *pointer)
{
	char *copy = copy_text(pointer);
	char *rest = copy;
	char *token;

	(void) url_unescape(copy, false);
	if (*rest == '/')
		rest++;
	else if (*rest != '\0')
		node = NULL; /* the name of an anchor */
	while (node != NULL && rest != NULL && *copy != '\0' && (token = strsep(&rest, "/")) != NULL)
	{
		unescape_token(token);
		node = child(node, token);
	}
	free(copy);
	return node;
}

/* The path without `.` and `..`, which the caller frees; NULL: it leads out of the root. */
static char *
normal_path(const char *path)
{
	char *out = allocate(strlen(path) + 2);
	size_t length = 0;

	while (*path != '\0')
	{
		size_t part = strcspn(path + 1, "/") + 1;

		if (part == 3 && memcmp(path, "/..", 3) == 0)
		{
			if (length == 0)
			{
				free(out);
				return NULL;
			}
			while (length > 0 && out[--length] != '/')
				;
		}
		else if (part != 2 || path[1] != '.')
		{
			memcpy(out + length, path, part);
			length += part;
		}
		path += part;
	}
	out[length] = '\0';
	return out;
}

/* Of a reference to another document: its path, if it lies below the directory of the first one. */
static char *
referred_path(const Api *api, const char *base, const char *reference, size_t length)
{
	const char *root = api->documents[0].path;
	size_t directory = (size_t) (strrchr(root, '/') - root) + 1;
	size_t kept = reference[0] == '/' ? 0 : (size_t) (strrchr(base, '/') - base) + 1;
	char *joined = allocate(kept + length + 1);
	char *path;

	memcpy(joined, base, kept);
	memcpy(joined + kept, reference, length);
	joined[kept + length] = '\0';
	path = memchr(reference, ':', length) == NULL && strpbrk(joined, " ?\r\n\\") == NULL ? normal_path(joined)
																						 : NULL;
	free(joined);
	if (path != NULL &&
		(strncmp(path, root, directory) == 0 && strstr(path, "%2e") == NULL && strstr(path, "%2E") == NULL))
		return path;
	free(path);
	return NULL;
}

ApiPlace
api_follow_once(Api *api, ApiPlace place)
{
	const char *reference = json_member_text(place.node, "$ref");
	size_t length = strcspn(reference, "#");
	int document = place.document;

	if (length > 0)
	{
		char *path = referred_path(api, api->documents[document].path, reference, length);

		document = path ? find_document(api, path) : -1;
		free(path);
	}
	place = (ApiPlace){.document = document};
	if (document >= 0 && api->documents[document].tree != NULL)
		place.node = find_pointer(json_tree_root(api->documents[document].tree),
								  reference[length] == '#' ? reference + length + 1 : "");
	api->unresolved += place.node == NULL;
	return place;
}

ApiPlace
api_follow(Api *api, ApiPlace place)
{
	for (int i = 0; json_member_text(place.node, "$ref") != NULL; i++)
	{
		if (i == MOST_HOPS)
			return (ApiPlace){.node = NULL};
		place = api_follow_once(api, place);
	}
	return place;
}

ApiPlace
api_member(Api *api, ApiPlace place, const char *name)
{
	return api_follow(api, (ApiPlace){.document = place.document, .node = json_member(place.node, name)});
}

ApiPlace
api_root(const Api *api)
{
	return (ApiPlace){.document = 0, .node = json_tree_root(api->documents[0].tree)};
}

/* ---- the document of the service ---- */

static bool
take_version(Api *api, const JsonNode *root)
{
	const char *openapi = json_member_text(root, "openapi");
	const char *swagger = json_member_text(root, "swagger");
	const JsonNode *number = json_member(root, "swagger");

	if (openapi == NULL && swagger == NULL && number != NULL && number->kind == JSON_NUMBER)
		swagger = number->text; /* YAML without quotes */
	if (openapi != NULL && strncmp(openapi, "3.0", 3) == 0)
		api->version = OPENAPI_3_0;
	else if (openapi != NULL && strncmp(openapi, "3.", 2) == 0)
		api->version = OPENAPI_3_1;
	else if (swagger != NULL && strcmp(swagger, "2.0") == 0)
		api->version = OPENAPI_2_0;
	else
		return false;
	return true;
}

static void fail_unsupported(const char *what) __attribute__((noreturn));

static void
fail_unsupported(const char *what)
{
	char message[160];

	snprintf(message, sizeof(message), "The service is described by %s, which is not supported.", what);
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = message,
					   .hint = "Name paths that answer in JSON in metadata.endpoints."});
}

/* What is no OpenAPI is told by its first bytes. */
static void
recognise_others(const HttpAnswer *answer)
{
	size_t length = answer->body.length < 2000 ? answer->body.length : 2000;
	char begins[2001];

	if (length > 0)
		memcpy(begins, answer->body.data, length);
	begins[length] = '\0';
	if (strstr(begins, "<edmx:Edmx") != NULL)
		fail_unsupported("OData metadata");
	if (strstr(begins, "definitions") != NULL && strstr(begins, "schemas.xmlsoap.org/wsdl") != NULL)
		fail_unsupported("WSDL");
	if (strstr(begins, "\"__schema\"") != NULL)
		fail_unsupported("a schema of GraphQL");
}

/* Returns false with a failure if there is no OpenAPI document at this path. */
static bool
take_document(Api *api, const char *path, HttpFailure *failure, int *status)
{
	HttpAnswer answer = {0};
	JsonTree *tree = read_document(api, path, &answer, failure);
	bool fine = tree != NULL && take_version(api, json_tree_root(tree));

	*status = answer.status;
	if (fine)
	{
		add_document(api, path, tree);
	}
	else if (answer.status >= 200 && answer.status < 300)
	{
		recognise_others(&answer);
		if (tree != NULL)
		{
			*failure = (HttpFailure){.step = "query",
									 .code = "unsupported",
									 .message = "The document is no OpenAPI 2.0, 3.0 or 3.1."};
			json_tree_free(tree);
		}
	}
	http_answer_free(&answer);
	return fine;
}

static void
find(Api *api)
{
	static const char *const usual[] = {"/",
										"/openapi.json",
										"/openapi.yaml",
										"/swagger.json",
										"/v3/api-docs",
										"/v2/api-docs",
										"/swagger/v1/swagger.json",
										"/api-docs",
										"/.well-known/openapi.json"};
	HttpFailure failure;
	HttpFailure denied = {0};
	int status;

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
	{
		if (take_document(api, usual[i], &failure, &status))
		{
			api->service->openapi_path = copy_text(usual[i]);
			return;
		}
		if (status == 0 || status == 429 || status >= 500)
			http_failure_report(&failure);
		if (status == 401 && denied.code == NULL)
			denied = failure;
	}
	if (denied.code != NULL)
		http_failure_report(&denied);
	give_up(&(Failure){.step = "configure",
					   .code = "configuration",
					   .message = "The service has no OpenAPI document at any of the usual paths.",
					   .hint = "Name its path in metadata.openapi_path, or name paths that answer in JSON in "
							   "metadata.endpoints."});
}

/* ---- where its paths begin ---- */

/* A server's URL with the defaults of its variables. */
static char *
server_url(const JsonNode *server)
{
	const char *url = json_member_text(server, "url");
	const JsonNode *variables = json_member(server, "variables");
	WireBuffer out = {0};

	for (; url != NULL && *url != '\0'; url++)
	{
		size_t length = *url == '{' ? strcspn(url, "}") : 0;
		char name[128];
		const char *value;

		if (length == 0 || url[length] != '}' || length > sizeof(name))
		{
			wire_append(&out, url, 1);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int) length - 1, url + 1);
		value = json_member_text(json_member(variables, name), "default");
		wire_append_text(&out, value ? value : "");
		url += length;
	}
	wire_append(&out, "", 1);
	if (out.failed)
		give_up_out_of_memory();
	return out.data;
}

/* The path of a URL, and whether its host is this one. */
static const char *
path_of_url(const char *url, const char *host, bool *is_ours)
{
	const char *begins = strstr(url, "://");
	size_t length;

	*is_ours = true;
	if (begins == NULL && strncmp(url, "//", 2) != 0)
		return url;
	begins = begins ? begins + 3 : url + 2;
	length = strcspn(begins, ":/?#");
	*is_ours = length == strlen(host) && strncasecmp(begins, host, length) == 0;
	begins += strcspn(begins, "/?#");
	return begins;
}

/* A prefix begins with a slash, and does not end with one. */
static char *
prefix_of(const Api *api, const char *path)
{
	const char *base = api->documents[0].path;
	int kept = path[0] == '/' || path[0] == '\0' ? 0 : (int) (strrchr(base, '/') - base) + 1;
	size_t size = strlen(base) + strlen(path) + 2;
	char *joined = allocate(size);
	char *prefix;
	size_t length;

	snprintf(joined, size, "%.*s%.*s", kept, base, (int) strcspn(path, "?#"), path);
	prefix = *joined == '\0' ? copy_text("") : normal_path(joined);
	free(joined);
	if (prefix == NULL || strpbrk(prefix, " \r\n\t") != NULL)
	{
		free(prefix);
		return copy_text("");
	}
	length = strlen(prefix);
	while (length > 0 && prefix[length - 1] == '/')
		prefix[--length] = '\0';
	return prefix;
}

/* Of several servers the one with the source's own host counts, else the first: only its path is used. */
static char *
prefix_of_servers(const Api *api, const JsonNode *servers)
{
	char *prefix = NULL;
	bool is_ours = false;

	for (const JsonNode *server = servers ? servers->first : NULL; server && !is_ours; server = server->next)
	{
		char *url = server_url(server);
		const char *path = path_of_url(url, api->service->endpoint.host, &is_ours);

		if (prefix == NULL || is_ours)
		{
			free(prefix);
			prefix = prefix_of(api, path);
		}
		free(url);
	}
	return prefix ? prefix : copy_text("");
}

/* ---- where the key goes ---- */

/* A key without a place of its own goes where the document says. */
static void
take_key_place(Api *api)
{
	Service *service = api->service;
	ApiPlace root = api_root(api);
	const JsonNode *schemes = api->version == OPENAPI_2_0
								  ? json_member(root.node, "securityDefinitions")
								  : json_member(json_member(root.node, "components"), "securitySchemes");

	if (service->api_key == NULL || service->key_header != NULL || service->key_query != NULL)
		return;
	for (const JsonNode *scheme = schemes ? schemes->first : NULL; scheme; scheme = scheme->next)
	{
		const char *type = json_member_text(scheme, "type");
		const char *in = json_member_text(scheme, "in");
		const char *name = json_member_text(scheme, "name");

		if (type == NULL || in == NULL || name == NULL || strcmp(type, "apiKey") != 0 ||
			strpbrk(name, ": \t\r\n") != NULL)
			continue;
		if (strcmp(in, "header") == 0)
			service->key_header = copy_text(name);
		else if (strcmp(in, "query") == 0)
			service->key_query = copy_text(name);
		else
			continue;
		return;
	}
}

void
api_open(Api *api, Service *service)
{
	HttpFailure failure;
	const JsonNode *root;
	const char *base;
	int status;

	*api = (Api){.service = service};
	if (service->openapi_path == NULL)
		find(api);
	else if (!take_document(api, service->openapi_path, &failure, &status))
		http_failure_report(&failure);
	root = api_root(api).node;
	base = json_member_text(root, "basePath");
	api->prefix = api->version == OPENAPI_2_0 ? prefix_of(api, base ? base : "")
											  : prefix_of_servers(api, json_member(root, "servers"));
	take_key_place(api);
}

void
api_close(Api *api)
{
	for (int i = 0; i < api->count; i++)
	{
		free(api->documents[i].path);
		json_tree_free(api->documents[i].tree);
	}
	free(api->documents);
	free(api->prefix);
}
