/*
 * connect_failure.c — libmongoc tells in numbers that no member was found, and only in words why.
 */
#include "connectors/mongodb/connect_failure.h"

#include <stdio.h>
#include <string.h>

#include "connectors/guard/guard.h"
#include "connectors/mongodb/messages.h"
#include "connectors/mongodb/session.h"

static const DialMeaning wrong_login = {
	0,
	"authenticate",
	"authentication",
	false,
	false,
	"The server refused the login.",
	"Check user name and password, and metadata.auth_source: the database in which the user was created "
	"(admin by default)."};
static const DialMeaning not_allowed = {0,
										"authenticate",
										"permission",
										false,
										false,
										"The server does not let this user ask for its version.",
										"Grant the user of the data source the role read on the database."};
static const DialMeaning no_tls = {
	0,
	"tls",
	"tls",
	false,
	true,
	"No TLS connection could be set up, or the server's certificate was not accepted.",
	"Check that the server speaks TLS, and metadata.tls: ca must hold the authority that signed the server's "
	"certificate, and with verify-full the certificate must be for the host."};
static const DialMeaning silent_in_tls = {
	0,
	"tls",
	"timeout",
	true,
	true,
	"The server took the connection, and did not begin TLS in time.",
	"Check that the server speaks TLS; metadata.tls.mode disable goes without it."};
static const DialMeaning unknown_host = {
	0,
	"resolve",
	"unknown_host",
	true,
	true,
	"The name of a host is not known.",
	"Check the host, and that this machine resolves the names by which the members of a replica set name "
	"themselves."};
static const DialMeaning no_answer = {
	0,
	"connect",
	"protocol",
	false,
	true,
	"What answers there does not speak the protocol of MongoDB.",
	"Check host and port. A server that wants TLS may answer so to a client without it."};
static const DialMeaning no_record = {
	0,
	"resolve",
	"unknown_host",
	true,
	false,
	"There is no DNS record that names the hosts.",
	"With metadata.srv, as with mongodb+srv://, the host is a name for which there is a record "
	"_mongodb._tcp.NAME of the type SRV."};
static const DialMeaning bad_record = {
	0,
	"resolve",
	"protocol",
	false,
	false,
	"The DNS records of the host say what they may not.",
	"The record SRV names hosts below the domain of the host only; a record TXT has the options authSource, "
	"replicaSet and loadBalanced only, and is the only one."};
static const DialMeaning too_old = {
	0,
	"connect",
	"unsupported",
	false,
	false,
	"The server speaks a version of the protocol that the client library does not.",
	"MongoDB 3.6 and later is supported."};
static const DialMeaning no_member = {
	0,
	"connect",
	"unreachable",
	true,
	true,
	"No member of the cluster that may be read answered.",
	"Check the hosts, metadata.replica_set and metadata.read_preference, and that this machine reaches the "
	"members by the names that they give themselves."};

static bool
is_login(const bson_error_t *error)
{
	return (error->domain == MONGOC_ERROR_CLIENT && error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE) ||
		   error->domain == MONGOC_ERROR_SCRAM || error->domain == MONGOC_ERROR_SASL ||
		   (error->domain == MONGOC_ERROR_SERVER && error->code == SERVER_AUTHENTICATION);
}

static bool
is_old(const bson_error_t *error)
{
	return (error->domain == MONGOC_ERROR_PROTOCOL &&
			error->code == MONGOC_ERROR_PROTOCOL_BAD_WIRE_VERSION) ||
		   (error->domain == MONGOC_ERROR_SERVER_SELECTION &&
			error->code == MONGOC_ERROR_SERVER_SELECTION_BAD_WIRE_VERSION);
}

static bool
says(const bson_error_t *error, const char *words)
{
	return strcasestr(error->message, words) != NULL;
}

/* A member that answered, but is none of those that are wanted, leaves no words in brackets. */
static bool
is_without_reason(const bson_error_t *error)
{
	return error->domain == MONGOC_ERROR_SERVER_SELECTION && strchr(error->message, '[') == NULL;
}

/* A connection that was made and then given up before a word was said: it had no TLS. */
static bool
is_of_tls(const bson_error_t *error, bool with_tls)
{
	bool is_dialed = guard_dialing_error() == 0;

	return says(error, "TLS") || says(error, "certificate") ||
		   (with_tls && is_dialed &&
			(says(error, "connection error") || says(error, "connection closed") ||
			 says(error, "Failed to receive")));
}

void
connect_failure_describe(DialFailure *failure, const bson_error_t *error, bool with_tls)
{
	if (messages_were_unsound())
		dial_failure_set(failure, &no_answer);
	else if (is_login(error))
		dial_failure_set(failure, &wrong_login);
	else if (is_old(error))
		dial_failure_set(failure, &too_old);
	else if (error->domain == MONGOC_ERROR_SERVER)
	{
		dial_failure_set(failure, &not_allowed);
		snprintf(failure->detail, sizeof(failure->detail), "The error's number is %u.", error->code);
	}
	else if (is_of_tls(error, with_tls))
		dial_failure_set(failure, &no_tls);
	else if (says(error, "Failed to resolve") || error->code == MONGOC_ERROR_STREAM_NAME_RESOLUTION)
		dial_failure_set(failure, &unknown_host);
	else if (with_tls && says(error, "socket timeout"))
		dial_failure_set(failure, &silent_in_tls);
	else if (guard_is_late() || says(error, "timeout"))
		dial_failure_set_late(failure);
	else if (is_without_reason(error) && guard_dialing_error() == 0)
		dial_failure_set(failure, &no_member);
	else
		dial_failure_set_way(failure,
							 "Check that a server of MongoDB listens there; one that wants TLS closes "
							 "connections without it.");
}

void
connect_failure_describe_record(DialFailure *failure, const bson_error_t *error)
{
	bool is_missing = says(error, "Failed to look up") || says(error, "No SRV records") ||
					  says(error, "No matching SRV records");

	dial_failure_set(failure, is_missing ? &no_record : &bad_record);
}
