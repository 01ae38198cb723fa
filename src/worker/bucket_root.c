#include "bucket_root.h"

#include "authority.h"
#include "catalog/settings.h"

#define SCHEME "s3://"

bool
rg_bucket_root_is_set(void)
{
	return strncmp(rg_storage_root, SCHEME, strlen(SCHEME)) == 0;
}

/* Slashes at the ends mean nothing. */
static const char *
read_prefix(const char *text)
{
	int length;

	text += strspn(text, "/");
	for (length = (int) strlen(text); length > 0 && text[length - 1] == '/'; length--)
		;
	return length == 0 ? "" : psprintf("%.*s/", length, text);
}

static const char *
read_root(RgBucketRoot *root)
{
	const char *name = rg_storage_root + strlen(SCHEME);
	size_t length = strcspn(name, "/");

	if (length == 0)
		return psprintf("rivergen.storage_root names no bucket: \"%s\"", rg_storage_root);
	root->bucket = pnstrdup(name, length);
	root->prefix = read_prefix(name + length);
	return NULL;
}

static const char *
endpoint_fault(void)
{
	return psprintf(
		"rivergen.storage_endpoint must be https://host, http://host or the like with :port: \"%s\"",
		rg_storage_endpoint);
}

static const char *
read_endpoint(RgBucketRoot *root)
{
	static const char *const schemes[] = {"https", "http"};
	char *text = pstrdup(rg_storage_endpoint);
	size_t length = strlen(text);

	root->scheme = "https";
	root->host = "";
	root->port = "0";
	if (length == 0)
		return NULL;
	if (text[length - 1] == '/')
		text[length - 1] = '\0';
	for (int i = 0; i < (int) lengthof(schemes); i++)
	{
		size_t scheme = strlen(schemes[i]);

		if (strncmp(text, schemes[i], scheme) != 0 || strncmp(text + scheme, "://", 3) != 0)
			continue;
		root->scheme = schemes[i];
		return rg_authority_read(text + scheme + 3, &root->host, &root->port) ? NULL : endpoint_fault();
	}
	return endpoint_fault();
}

const char *
rg_bucket_root_read(RgBucketRoot *root)
{
	const char *fault = read_root(root);

	return fault != NULL ? fault : read_endpoint(root);
}
