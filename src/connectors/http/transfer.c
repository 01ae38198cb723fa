#include "connectors/http/transfer.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/pending.h"

/* Of an answer, all together. */
#define MOST_HEADER_BYTES 262144
#define MOST_HEADERS      256
/* Of the body that says why there is none of those that were asked for. */
#define MOST_ERROR_BYTES 65536

static bool
is_ipv6(const char *host)
{
	return strchr(host, ':') != NULL;
}

static void
append_bracketed(WireBuffer *out, const char *host)
{
	wire_append_text(out, is_ipv6(host) ? "[" : "");
	wire_append_text(out, host);
	wire_append_text(out, is_ipv6(host) ? "]" : "");
}

static int
port_of(const HttpClient *client, bool is_encrypted)
{
	return client->endpoint.port != 0 ? client->endpoint.port : is_encrypted ? 443 : 80;
}

void
transfer_append_host(const HttpClient *client, WireBuffer *out)
{
	int port = port_of(client, client->is_encrypted);

	append_bracketed(out, client->endpoint.host);
	if (port == (client->is_encrypted ? 443 : 80))
		return;
	wire_append_text(out, ":");
	wire_append_integer(out, port);
}

/* libcurl may dial only what it was given, whatever it believes. */
static bool
is_given(const HttpEndpoint *endpoint, const struct curl_sockaddr *address)
{
	char **addresses = endpoint->proxy.host != NULL ? endpoint->proxy.addresses : endpoint->addresses;
	int count = endpoint->proxy.host != NULL ? endpoint->proxy.address_count : endpoint->address_count;
	const void *dialed = address->family == AF_INET6
							 ? (const void *) &((const struct sockaddr_in6 *) &address->addr)->sin6_addr
							 : (const void *) &((const struct sockaddr_in *) &address->addr)->sin_addr;
	size_t length = address->family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
	struct in6_addr given;

	if (address->family != AF_INET && address->family != AF_INET6)
		return false;
	for (int i = 0; i < count; i++)
		if (inet_pton(address->family, addresses[i], &given) == 1 && memcmp(&given, dialed, length) == 0)
			return true;
	return false;
}

static curl_socket_t
open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
	const HttpClient *client = argument;

	if (purpose != CURLSOCKTYPE_IPCXN || !is_given(&client->endpoint, address))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool
is_error(CURL *handle)
{
	long status = 0;

	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	return status < 200 || status >= 300;
}

static int64_t
most_bytes(const HttpTransfer *transfer)
{
	return transfer->most_bytes < MOST_ERROR_BYTES && is_error(transfer->handle) ? MOST_ERROR_BYTES
																				 : transfer->most_bytes;
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *argument)
{
	HttpTransfer *transfer = argument;
	WireBuffer *body = &transfer->answer->body;

	if ((int64_t) (body->length + size * count) > most_bytes(transfer))
	{
		transfer->is_too_long = true;
		return 0;
	}
	wire_append(body, bytes, size * count);
	if (body->failed)
		give_up_out_of_memory();
	return size * count;
}

static void
keep_header(HttpHeaders *headers, char *line, size_t length)
{
	char *text = allocate(length + 1);
	char *colon;
	char *value;

	memcpy(text, line, length);
	text[length] = '\0';
	colon = strchr(text, ':');
	if (colon != NULL)
	{
		*colon = '\0';
		value = colon + 1 + strspn(colon + 1, " \t");
		value[strcspn(value, "\r\n")] = '\0';
		http_header_add(headers, text, value);
	}
	forget_text(text);
}

/* A status line begins another answer: that of `100 Continue` came before it. */
static size_t
take_header(char *bytes, size_t size, size_t count, void *argument)
{
	HttpTransfer *transfer = argument;
	HttpHeaders *headers = &transfer->answer->headers;
	size_t length = size * count;

	transfer->header_bytes += length;
	if (transfer->header_bytes > MOST_HEADER_BYTES || headers->count >= MOST_HEADERS)
	{
		transfer->is_too_long = true;
		return 0;
	}
	if (length >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
		http_headers_free(headers);
	else
		keep_header(headers, bytes, length);
	return length;
}

static void
set_blob(CURL *handle, CURLoption option, const char *text)
{
	struct curl_blob blob = {.data = (char *) text, .len = text ? strlen(text) : 0, .flags = CURL_BLOB_COPY};

	if (text != NULL)
		curl_easy_setopt(handle, option, &blob);
}

static void
set_tls(CURL *handle, const HttpEndpoint *endpoint)
{
	curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long) CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, endpoint->verifies_chain ? 1L : 0L);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, endpoint->verifies_name ? 2L : 0L);
	curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(handle, CURLOPT_CAINFO, endpoint->ca ? NULL : endpoint->ca_file);
	set_blob(handle, CURLOPT_CAINFO_BLOB, endpoint->ca);
	set_blob(handle, CURLOPT_SSLCERT_BLOB, endpoint->certificate);
	set_blob(handle, CURLOPT_SSLKEY_BLOB, endpoint->key);
	/* Without any, OpenSSL would ask a person for the passphrase. */
	if (endpoint->key != NULL)
		curl_easy_setopt(handle, CURLOPT_KEYPASSWD, endpoint->passphrase ? endpoint->passphrase : "none");
}

static void
set_behaviour(CURL *handle)
{
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long) CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(handle, CURLOPT_NETRC, (long) CURL_NETRC_IGNORED);
	curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_USERAGENT, "rivergen");
}

/* Nothing of the environment counts. Headers of a request, which may hold its credentials, are not the
 * proxy's. */
static void
set_proxy(CURL *handle, const RequestProxy *proxy)
{
	WireBuffer url = {0};

	curl_easy_setopt(handle, CURLOPT_NOPROXY, proxy->host == NULL ? "*" : "");
	if (proxy->host != NULL)
	{
		wire_append_text(&url, "http://");
		append_bracketed(&url, proxy->host);
		wire_append_text(&url, ":");
		wire_append_integer(&url, proxy->port);
	}
	wire_append(&url, "", 1);
	if (url.failed || curl_easy_setopt(handle, CURLOPT_PROXY, url.data) != CURLE_OK)
		give_up_out_of_memory();
	wire_free(&url);
	if (proxy->host == NULL)
		return;
	curl_easy_setopt(handle, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(handle, CURLOPT_HEADEROPT, (long) CURLHEADER_SEPARATE);
	curl_easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(handle, CURLOPT_PROXYAUTH, (long) CURLAUTH_BASIC);
	curl_easy_setopt(handle, CURLOPT_PROXYUSERNAME, proxy->username);
	curl_easy_setopt(handle, CURLOPT_PROXYPASSWORD, proxy->password);
}

static void
prepare(HttpTransfer *transfer)
{
	HttpClient *client = transfer->client;

	transfer->handle = curl_easy_init();
	if (transfer->handle == NULL)
		give_up_out_of_memory();
	set_behaviour(transfer->handle);
	set_proxy(transfer->handle, &client->endpoint.proxy);
	set_tls(transfer->handle, &client->endpoint);
	curl_easy_setopt(transfer->handle, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(transfer->handle, CURLOPT_OPENSOCKETDATA, client);
	curl_easy_setopt(transfer->handle, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(transfer->handle, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(transfer->handle, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(transfer->handle, CURLOPT_HEADERDATA, transfer);
}

static void
append_entry(WireBuffer *entry, const char *host, int port, char **addresses, int count)
{
	append_bracketed(entry, host);
	wire_append_text(entry, ":");
	wire_append_integer(entry, port);
	for (int i = 0; i < count; i++)
	{
		wire_append_text(entry, i == 0 ? ":" : ",");
		append_bracketed(entry, addresses[i]);
	}
	wire_append(entry, "", 1);
}

/* HOST:PORT:ADDRESS,ADDRESS: libcurl then dials them one after the other. */
static void
set_addresses(HttpTransfer *transfer)
{
	const HttpClient *client = transfer->client;
	const HttpEndpoint *endpoint = &client->endpoint;
	const RequestProxy *proxy = &endpoint->proxy;
	WireBuffer entry = {0};

	if (proxy->host != NULL)
		append_entry(&entry, proxy->host, proxy->port, proxy->addresses, proxy->address_count);
	else
		append_entry(&entry, endpoint->host, port_of(client, client->is_encrypted), endpoint->addresses,
					 endpoint->address_count);
	curl_slist_free_all(transfer->resolved);
	transfer->resolved = entry.failed ? NULL : curl_slist_append(NULL, entry.data);
	wire_free(&entry);
	if (transfer->resolved == NULL)
		give_up_out_of_memory();
	curl_easy_setopt(transfer->handle, CURLOPT_RESOLVE, transfer->resolved);
}

static void
set_url(HttpTransfer *transfer, const HttpRequest *request)
{
	const HttpClient *client = transfer->client;
	WireBuffer url = {0};

	wire_append_text(&url, client->is_encrypted ? "https://" : "http://");
	append_bracketed(&url, client->endpoint.host);
	wire_append_text(&url, ":");
	wire_append_integer(&url, port_of(client, client->is_encrypted));
	wire_append_text(&url, request->path);
	wire_append_text(&url, request->query.count > 0 ? "?" : "");
	url_query_append(&request->query, &url);
	wire_append(&url, "", 1);
	if (url.failed || curl_easy_setopt(transfer->handle, CURLOPT_URL, url.data) != CURLE_OK)
		give_up_out_of_memory();
	wire_free(&url);
}

/* A header without a value is one that libcurl would add by itself, and must not. */
static struct curl_slist *
header_list(const HttpRequest *request)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (int i = 0; list != NULL && i < request->headers.count; i++)
	{
		const HttpHeader *header = &request->headers.items[i];
		char *line = allocate(strlen(header->name) + strlen(header->value) + 3);
		struct curl_slist *longer;

		sprintf(line, "%s: %s", header->name, header->value);
		longer = curl_slist_append(list, line);
		forget_text(line);
		if (longer == NULL)
			curl_slist_free_all(list);
		list = longer;
	}
	if (list == NULL)
		give_up_out_of_memory();
	return list;
}

/* libcurl copies the lines, and does not wipe them. */
static void
forget_list(struct curl_slist *list)
{
	for (struct curl_slist *each = list; each != NULL; each = each->next)
		explicit_bzero(each->data, strlen(each->data));
	curl_slist_free_all(list);
}

static void
set_method(CURL *handle, const HttpRequest *request)
{
	bool is_head = strcmp(request->method, "HEAD") == 0;

	curl_easy_setopt(handle, CURLOPT_NOBODY, is_head ? 1L : 0L);
	if (request->body != NULL)
	{
		curl_easy_setopt(handle, CURLOPT_POST, 1L);
		curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->body_length);
		curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body);
	}
	else if (!is_head)
		curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
	curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, is_head ? NULL : request->method);
}

static void
set_times(HttpTransfer *transfer, Deadline deadline)
{
	long left = deadline_milliseconds(deadline);
	long connecting = transfer->client->endpoint.connection_timeout * 1000L;

	curl_easy_setopt(transfer->handle, CURLOPT_TIMEOUT_MS, left > 0 ? left : 1L);
	curl_easy_setopt(transfer->handle, CURLOPT_CONNECTTIMEOUT_MS,
					 connecting < left ? connecting
					 : left > 0        ? left
									   : 1L);
}

static bool
has_connected(CURL *handle)
{
	curl_off_t connected = 0;
	curl_off_t started = 0;

	curl_easy_getinfo(handle, CURLINFO_CONNECT_TIME_T, &connected);
	curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &started);
	return connected > 0 && started > 0;
}

static void
set_failure(const HttpTransfer *transfer, int result, HttpFailure *failure)
{
	bool is_connected = transfer->client->has_answered && has_connected(transfer->handle);
	long system = 0;
	long connect_status = 0;

	curl_easy_getinfo(transfer->handle, CURLINFO_OS_ERRNO, &system);
	curl_easy_getinfo(transfer->handle, CURLINFO_HTTP_CONNECTCODE, &connect_status);
	if (transfer->is_too_long)
		http_failure_set_long(failure, transfer->most_bytes);
	else if (transfer->client->endpoint.proxy.host != NULL)
		http_failure_set_proxied(failure, result, (int) system, is_connected, (int) connect_status);
	else
		http_failure_set_transfer(failure, result, (int) system, is_connected);
}

void
transfer_begin(HttpTransfer *transfer, const HttpRequest *request, Deadline deadline, HttpAnswer *answer,
			   void *owner)
{
	HttpClient *client = transfer->client;

	if (transfer->handle == NULL)
		prepare(transfer);
	transfer->answer = answer;
	transfer->most_bytes = request->most_bytes;
	transfer->header_bytes = 0;
	transfer->is_too_long = false;
	transfer->headers = header_list(request);
	set_url(transfer, request);
	set_addresses(transfer);
	set_method(transfer->handle, request);
	set_times(transfer, deadline);
	/* A range of a file that is packed on the way would be a range of something else. */
	curl_easy_setopt(transfer->handle, CURLOPT_ACCEPT_ENCODING,
					 http_header(&request->headers, "range") == NULL ? "gzip" : NULL);
	curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(transfer->handle, CURLOPT_PRIVATE, owner);
	if (curl_multi_add_handle(client->multi, transfer->handle) != CURLM_OK)
		give_up_out_of_memory();
}

bool
transfer_end(HttpTransfer *transfer, int result, HttpFailure *failure)
{
	long status = 0;

	if (result != CURLE_OK)
		set_failure(transfer, result, failure);
	curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
	transfer->answer->status = (int) status;
	transfer_stop(transfer);
	return result == CURLE_OK;
}

void
transfer_stop(HttpTransfer *transfer)
{
	if (transfer->answer == NULL)
		return;
	curl_multi_remove_handle(transfer->client->multi, transfer->handle);
	curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, NULL);
	forget_list(transfer->headers);
	transfer->headers = NULL;
	transfer->answer = NULL;
}

void
transfer_close(HttpTransfer *transfer)
{
	transfer_stop(transfer);
	curl_easy_cleanup(transfer->handle);
	curl_slist_free_all(transfer->resolved);
}
