#include "connectors/redis/login.h"

#include <stdlib.h>

#include "connectors/common/configuration.h"
#include "connectors/common/memory.h"

#define MOST_DATABASE_NUMBER 1000000000
#define LEAST_TEXT           (1024 * 1024)

static int
database_number(const char *name)
{
	char *end;
	long number;

	if (configuration_lacks(name))
		return 0;
	number = strtol(name, &end, 10);
	if (*name < '0' || *name > '9' || *end != '\0' || number > MOST_DATABASE_NUMBER)
		configuration_fails("The database name is not a number.",
							"Databases of Redis have numbers, from 0 on. Without a name it is 0.");
	return (int) number;
}

/* A longer value makes a row too long. Discoveries and samples look at beginnings. */
static size_t
most_text(const Request *request)
{
	return request->operation == OPERATION_READ && request->row_bytes > LEAST_TEXT
			   ? (size_t) request->row_bytes
			   : LEAST_TEXT;
}

static void
check_endpoint(const Request *request)
{
	bool lacks_port;

	if (configuration_lacks(request->host))
		configuration_fails("The host is missing.", NULL);
	lacks_port = request->port == 0;
	for (int i = 0; i < request->host_count; i++)
		lacks_port |= request->hosts[i].port == 0;
	if (lacks_port)
		configuration_fails("The port is missing.", "Redis usually listens on port 6379.");
	configuration_check_addresses(request);
}

void
login_take(Login *login, Request *request)
{
	check_endpoint(request);
	*login = (Login){.username = request_credential(request, "username"),
					 .password = request_credential(request, "password"),
					 .certificate = request_credential(request, "tls_client_certificate"),
					 .key = request_credential(request, "tls_client_key"),
					 .passphrase = request_credential(request, "tls_client_key_passphrase"),
					 .database = database_number(request->database),
					 .most_text = most_text(request)};
	request_forget_credentials(request);
	if (!configuration_lacks(login->username) && configuration_lacks(login->password))
		configuration_fails("The credentials have a username, but no password.", NULL);
	if (configuration_lacks(login->certificate) != configuration_lacks(login->key))
		configuration_fails("A client certificate needs its key, and a key its certificate.",
							"Give both tls_client_certificate and tls_client_key.");
}

void
login_forget(Login *login)
{
	forget_text(login->username);
	forget_text(login->password);
	forget_text(login->certificate);
	forget_text(login->key);
	forget_text(login->passphrase);
	*login = (Login){.username = NULL};
}
