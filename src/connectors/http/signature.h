/*
 * signature.h — signs requests as AWS Signature Version 4 has it, and as the services do that imitate AWS.
 */
#ifndef RG_HTTP_SIGNATURE_H
#define RG_HTTP_SIGNATURE_H

#include <time.h>

#include "connectors/http/message.h"

typedef struct AwsSigner
{
	char *access_key_id;
	char *secret_access_key;
	char *session_token; /* or NULL */
	const char *region;
	const char *service;
	bool signs_body; /* the body's hash is a header: s3 asks for it */
} AwsSigner;

/*
 * Adds the headers of a signature, made at that time. host: the header Host as it will be sent. Signed are
 * host and all headers whose names begin with x-amz-, which must stand there with lower-case names.
 */
extern void aws_sign(const AwsSigner *signer, HttpRequest *request, const char *host, time_t now);

extern void aws_signer_forget(AwsSigner *signer);

#endif
