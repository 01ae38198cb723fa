#include "connectors/tcp/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/tls_files.h"

static bool
fail(DialFailure *failure, const char *message, const char *hint)
{
	dial_failure_set(failure, &(DialMeaning){.step = "tls", .code = "tls", .message = message, .hint = hint});
	return false;
}

/* ---- what a handshake is made with ---- */

/* OpenSSL would ask a person otherwise. */
static int
give_passphrase(char *buffer, int size, int is_for_writing, void *passphrase)
{
	size_t length = passphrase ? strlen(passphrase) : 0;

	(void) is_for_writing;
	if (size < 0 || length > (size_t) size)
		return 0;
	if (length > 0)
		memcpy(buffer, passphrase, length);
	return (int) length;
}

static bool
set_certificate(SSL_CTX *context, const TcpTarget *target, DialFailure *failure)
{
	if (configuration_lacks(target->certificate))
		return true;
	SSL_CTX_set_default_passwd_cb(context, give_passphrase);
	SSL_CTX_set_default_passwd_cb_userdata(context, (void *) target->passphrase);
	return (SSL_CTX_use_certificate_chain_file(context, tls_file(target->certificate)) == 1 &&
			SSL_CTX_use_PrivateKey_file(context, tls_file(target->key), SSL_FILETYPE_PEM) == 1) ||
		   fail(failure, "The client's certificate or its key cannot be used.",
				"Both are PEM texts that belong together; a key that is encrypted needs its passphrase.");
}

static bool
set_authorities(SSL_CTX *context, const TcpTarget *target, DialFailure *failure)
{
	const char *path = target->ca ? tls_file(target->ca) : tls_system_roots();

	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	return SSL_CTX_load_verify_file(context, path) == 1 ||
		   fail(failure, "The certificate authority cannot be used.",
				"metadata.tls.ca is a certificate in PEM form.");
}

static SSL_CTX *
create_context(const TcpTarget *target, DialFailure *failure)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (context == NULL)
		give_up_out_of_memory();
	SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (set_certificate(context, target, failure) &&
		(!target->verifies_chain || set_authorities(context, target, failure)))
		return context;
	SSL_CTX_free(context);
	return NULL;
}

/* An address is no name that a server could be asked for. */
static bool
set_name(SSL *tls, const TcpTarget *target)
{
	bool is_address = configuration_is_address(target->host);

	if (!is_address && SSL_set_tlsext_host_name(tls, target->host) != 1)
		return false;
	if (!target->verifies_name)
		return true;
	return is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), target->host) == 1
					  : SSL_set1_host(tls, target->host) == 1;
}

SSL *
tls_create(const TcpTarget *target, int socket, DialFailure *failure)
{
	SSL_CTX *context = create_context(target, failure);
	SSL *tls;

	if (context == NULL)
		return NULL;
	tls = SSL_new(context);
	SSL_CTX_free(context); /* the connection holds it */
	if (tls == NULL || SSL_set_fd(tls, socket) != 1)
		give_up_out_of_memory();
	if (set_name(tls, target))
		return tls;
	SSL_free(tls);
	fail(failure, "The host name cannot be used with TLS.", NULL);
	return NULL;
}

void
tls_free(SSL *tls)
{
	SSL_free(tls);
}

/* ---- why it failed ---- */

#define ANOTHER_NAME                                                                                         \
	"The server's certificate is for another host name.",                                                    \
		"Use the name that the certificate is for, or the mode verify-ca."

static void
describe_verification(long result, DialFailure *failure)
{
	switch (result)
	{
		case X509_V_ERR_HOSTNAME_MISMATCH:
		case X509_V_ERR_IP_ADDRESS_MISMATCH:
			fail(failure, ANOTHER_NAME);
			break;
		case X509_V_ERR_CERT_HAS_EXPIRED:
			fail(failure, "The server's certificate, or its authority's, has expired.",
				 "Renew the certificate at the server, and the authority in metadata.tls.ca.");
			break;
		case X509_V_ERR_CERT_NOT_YET_VALID:
			fail(failure, "The server's certificate, or its authority's, is not valid yet.",
				 "Check the clocks of both machines, and the certificate's dates.");
			break;
		default:
			fail(failure, "The server's certificate could not be verified.",
				 "Give the certificate of the authority that signed it as metadata.tls.ca.");
	}
}

bool
tls_was_refused(void)
{
	unsigned long error = ERR_peek_last_error();

	return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET;
}

void
tls_failure(SSL *tls, DialFailure *failure)
{
	long verified = SSL_get_verify_result(tls);

	if (verified != X509_V_OK && SSL_get_verify_mode(tls) != SSL_VERIFY_NONE)
		describe_verification(verified, failure);
	else if (tls_was_refused())
		fail(failure, "The server refused TLS, or the client's certificate.",
			 "Check that the certificate is valid and signed by an authority that the server knows.");
	else
		fail(
			failure, "The server does not speak TLS at this port, or none that is accepted here.",
			"Check the port, and that the server has TLS 1.2 or newer. metadata.tls.mode \"disable\" connects "
			"without encryption.");
}
