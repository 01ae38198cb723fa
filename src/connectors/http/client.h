/*
 * client.h — an HTTP client of one service, on libcurl. It dials the addresses that it is given and no other,
 * follows no redirect, and reads no file but the certificates of the system. With a proxy it dials that one's
 * addresses only, and asks it for a tunnel to the host, at each port, encrypted or not; the proxy resolves.
 *
 * A request that the service could not take now (429, 500, 502, 503, 504, a lost connection) is sent again,
 * five times at most, after the time that Retry-After asks for, or else after waits that double. A service
 * that asks for fewer requests (429, 503) gets fewer of all that the client sends (pace.h).
 */
#ifndef RG_HTTP_CLIENT_H
#define RG_HTTP_CLIENT_H

#include "connectors/http/endpoint.h"
#include "connectors/http/failure.h"
#include "connectors/http/message.h"

typedef struct HttpClient HttpClient;

/* Ends the process if the proxy may not be asked for the host. */
extern HttpClient *http_open(const HttpEndpoint *endpoint);

/*
 * Sends the request, and waits for the whole answer. Returns true if there is one, whatever its status is.
 * The caller frees the answer in either case.
 */
extern bool
http_send(HttpClient *client, const HttpRequest *request, HttpAnswer *answer, HttpFailure *failure);

/* A request that is not finished. */
typedef struct HttpPending HttpPending;

/*
 * Begins a request, so that several are under way, at most `endpoint.connections` at once; the others follow
 * in the order in which they were begun, while the client waits for an answer. Copies the request. Who begins
 * many must finish them soon: they are not waited for in between, and their time runs.
 */
extern HttpPending *http_begin(HttpClient *client, const HttpRequest *request);

/* Waits for the whole answer, and forgets the request. The same as http_send(). */
extern bool http_finish(HttpPending *pending, HttpAnswer *answer, HttpFailure *failure);

/* Gives the answer up. */
extern void http_abandon(HttpPending *pending);

/* How many requests were sent so far. */
extern int64_t http_requests(const HttpClient *client);

/* Is the connection encrypted? Known after the first answer. */
extern bool http_is_encrypted(const HttpClient *client);

extern void http_close(HttpClient *client);

#endif
