#include "connectors/common/login_credentials.h"

#include "connectors/common/configuration.h"
#include "connectors/common/memory.h"

static void
check_certificate(const char *certificate, const char *key)
{
	if (configuration_lacks(certificate) != configuration_lacks(key))
		configuration_fails("A client certificate needs its key, and a key its certificate.",
							"Give both tls_client_certificate and tls_client_key.");
}

static void
fail_unnamed(void)
{
	configuration_fails("The credentials have no username.", NULL);
}

void
login_credentials_take_certified(LoginCredentials *credentials, Request *request)
{
	credentials->username = request_credential(request, "username");
	credentials->password = request_credential(request, "password");
	credentials->certificate = request_credential(request, "tls_client_certificate");
	credentials->key = request_credential(request, "tls_client_key");
	credentials->passphrase = request_credential(request, "tls_client_key_passphrase");
	request_forget_credentials(request);
	if (configuration_lacks(credentials->username) && configuration_lacks(credentials->certificate))
		fail_unnamed();
	check_certificate(credentials->certificate, credentials->key);
}

void
login_credentials_take(LoginCredentials *credentials, Request *request)
{
	login_credentials_take_certified(credentials, request);
	if (configuration_lacks(credentials->username))
		fail_unnamed();
}

void
login_credentials_forget(LoginCredentials *credentials)
{
	forget_text(credentials->username);
	forget_text(credentials->password);
	forget_text(credentials->certificate);
	forget_text(credentials->key);
	forget_text(credentials->passphrase);
}
