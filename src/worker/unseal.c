/*
 * unseal.c — opens the credentials of a source. They exist in the clear only here and in the request line to
 * the connector.
 */
#include "worker/unseal.h"

#include "check/envelope.h"
#include "keys.h"
#include "secret/seal.h"
#include "secret/secret.h"
#include "transaction.h"

static RgOpenResult
open_sealed(const RgEndpoint *endpoint, RgOpened *opened, const char **fault)
{
	RgSealContext context = {endpoint->organization_id, endpoint->data_source_id,
							 endpoint->credential_version};
	RgKeyring *keyring = rg_keys_load(fault);

	if (keyring == NULL)
		return RG_OPEN_KEY_MISSING;
	*fault = psprintf("the keyring has no key " INT64_FORMAT, endpoint->key_id);
	return rg_secret_open(keyring, endpoint->key_id, endpoint->sealed, &context, opened);
}

/*
 * Between reading and opening, the row may have been sealed for a new key and the old key forgotten: read it
 * again.
 */
static bool
was_resealed(RgEndpoint *endpoint)
{
	int64 old = endpoint->key_id;
	MemoryContext memory = CurrentMemoryContext;

	rg_transaction_begin();
	MemoryContextSwitchTo(memory);

	bool found = rg_endpoint_load(endpoint->organization_id, endpoint->data_source_id, endpoint);

	rg_transaction_commit();
	return found && endpoint->sealed != NULL && endpoint->key_id != old;
}

/* A seal names the organization that it is for: another tenant that copied it cannot use it. */
static char *
check_envelope(const RgEndpoint *endpoint, const RgOpened *opened, RgFailure *failure)
{
	RgEnvelope envelope;
	const char *fault = rg_envelope_read(&envelope, opened->text, opened->length,
										 rg_source_type_find(endpoint->type, strlen(endpoint->type)));

	rg_secret_wipe(opened->text, opened->length);
	if (fault != NULL)
		rg_failed(failure, "credentials_invalid", "what the client sealed is not valid", fault);
	else if (envelope.organization_id != endpoint->organization_id)
		rg_failed(failure, "credentials_misplaced", "the credentials were sealed for another organization",
				  NULL);
	else if (envelope.data_source_id != 0 && envelope.data_source_id != endpoint->data_source_id)
		rg_failed(failure, "credentials_misplaced", "the credentials were sealed for another data source",
				  NULL);
	else
	{
		rg_credentials_write(&envelope.credentials);
		envelope.credentials.text[envelope.credentials.size] = '\0';
		return envelope.credentials.text;
	}
	return NULL;
}

char *
rg_unseal_credentials(RgEndpoint *endpoint, RgFailure *failure)
{
	RgOpened opened;
	const char *fault;
	RgOpenResult result = open_sealed(endpoint, &opened, &fault);

	if (result == RG_OPEN_KEY_MISSING && was_resealed(endpoint))
		result = open_sealed(endpoint, &opened, &fault);
	switch (result)
	{
		case RG_OPENED:
			return opened.by_client ? check_envelope(endpoint, &opened, failure) : opened.text;
		case RG_OPEN_KEY_MISSING:
			rg_failed_here(failure, "key_missing", "the credentials cannot be opened", fault);
			break;
		case RG_OPEN_WRONG_CONTEXT:
			rg_failed(failure, "credentials_misplaced", "the credentials were sealed for another data source",
					  NULL);
			break;
		case RG_OPEN_BOX_CORRUPT:
			rg_failed(failure, "credentials_invalid", "what the client sealed cannot be opened",
					  "It was not sealed for the key whose key_id was given with it, or it was damaged.");
			break;
		default:
			rg_failed(failure, "credentials_corrupt", "the sealed credentials are damaged", NULL);
			break;
	}
	return NULL;
}
