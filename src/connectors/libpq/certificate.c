/*
 * certificate.c — the function by which libpq begins TLS, in front of the real one (as incoming.c does it
 * with those that read). Once libpq has failed, nothing is left to ask.
 */
#include <dlfcn.h>
#include <stddef.h>

#include "connectors/libpq/certificate.h"

/* Of OpenSSL, whose headers are not needed otherwise: X509_V_ERR_… */
enum
{
	VERIFY_OK = 0,
	ISSUER_NOT_FOUND = 2,
	NOT_YET_VALID = 9,
	EXPIRED = 10,
	SELF_SIGNED = 18,
	SELF_SIGNED_IN_CHAIN = 19,
	ISSUER_NOT_KNOWN_HERE = 20,
	FIRST_NOT_VERIFIABLE = 21
};

static long verdict;

void
certificate_watch(void)
{
	verdict = VERIFY_OK;
}

Verdict
certificate_verdict(void)
{
	switch (verdict)
	{
		case VERIFY_OK:
			return VERDICT_NONE;
		case EXPIRED:
			return VERDICT_EXPIRED;
		case NOT_YET_VALID:
			return VERDICT_NOT_YET_VALID;
		case SELF_SIGNED:
			return VERDICT_SELF_SIGNED;
		case SELF_SIGNED_IN_CHAIN:
		case ISSUER_NOT_FOUND:
		case ISSUER_NOT_KNOWN_HERE:
		case FIRST_NOT_VERIFIABLE:
			return VERDICT_UNKNOWN_AUTHORITY;
		default:
			return VERDICT_OTHER;
	}
}

/* libpq chooses the TLS library: it is neither included nor linked here. */
extern int SSL_connect(void *tls);

int
SSL_connect(void *tls)
{
	static int (*real)(void *);
	static long (*result)(const void *);
	int connected;

	if (real == NULL)
	{
		*(void **) &real = dlsym(RTLD_NEXT, "SSL_connect");
		*(void **) &result = dlsym(RTLD_NEXT, "SSL_get_verify_result");
	}
	connected = real(tls);
	if (connected != 1 && result != NULL)
		verdict = result(tls);
	return connected;
}
