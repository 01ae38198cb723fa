/*
 * certificate.h — what the TLS library found wrong with the server's certificate. libpq says only that
 * something is.
 */
#ifndef RG_LIBPQ_CERTIFICATE_H
#define RG_LIBPQ_CERTIFICATE_H

/* To be called before the first byte of each connection. */
extern void certificate_watch(void);

typedef enum Verdict
{
	VERDICT_NONE, /* nothing is wrong with it, or it was not verified */
	VERDICT_EXPIRED,
	VERDICT_NOT_YET_VALID,
	VERDICT_SELF_SIGNED,
	VERDICT_UNKNOWN_AUTHORITY,
	VERDICT_OTHER
} Verdict;

extern Verdict certificate_verdict(void);

#endif
