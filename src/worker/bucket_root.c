#include "bucket_root.h"

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

/* HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. */
static const char *
read_authority(RgBucketRoot *root, const char *text)
{
	bool is_bracketed = *text == '[';
	const char *host = text + (is_bracketed ? 1 : 0);
	size_t length = strcspn(host, is_bracketed ? "]" : ":");
	const char *rest = host + length;

	if (length == 0 || (is_bracketed && *rest++ != ']'))
		return endpoint_fault();
	root->host = pnstrdup(host, length);
	root->port = "0";
	if (*rest == '\0')
		return NULL;
	root->port = rest + 1;
	length = strspn(root->port, "0123456789");
	return *rest == ':' && length > 0 && length <= 5 && root->port[length] == '\0' ? NULL : endpoint_fault();
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
		return read_authority(root, text + scheme + 3);
	}
	return endpoint_fault();
}

const char *
rg_bucket_root_read(RgBucketRoot *root)
{
	const char *fault = read_root(root);

	return fault != NULL ? fault : read_endpoint(root);
}
