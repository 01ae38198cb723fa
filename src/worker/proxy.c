#include "proxy.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/stringinfo.h"
#include "utils/json.h"

#include "authority.h"
#include "catalog/settings.h"
#include "resolve.h"
#include "secret/private_file.h"
#include "secret/seal.h"
#include "wire/host_list.h"

#define SCHEME "http://"

/* RFC 7617 has no bound; proxies take less. */
#define MOST_CREDENTIALS 1024

/* For check(), which must not wait long. */
#define FAULT_SECONDS 2

bool
rg_proxy_is_set(void)
{
	return *rg_https_proxy != '\0';
}

/* ---- settings ---- */

static const char *
read_address(RgProxy *proxy)
{
	const char *text = rg_https_proxy;
	const char *port;
	size_t length = strlen(text);

	if (length > 0 && text[length - 1] == '/')
		text = pnstrdup(text, length - 1);
	if (strchr(text, '@') != NULL)
		return "rivergen.https_proxy has credentials in it, which every session could read. They belong in "
			   "the file that rivergen.https_proxy_credentials_file names";
	if (strncmp(text, SCHEME, strlen(SCHEME)) == 0 &&
		rg_authority_read(text + strlen(SCHEME), &proxy->host, &port))
		proxy->port = atoi(port);
	if (proxy->port >= 1 && proxy->port <= 65535)
		return NULL;
	return psprintf("rivergen.https_proxy must be http://host:port: \"%s\"", rg_https_proxy);
}

static const char *
hosts_fault(void)
{
	size_t length;
	const char *entry = wire_host_list_fault(rg_allowed_hosts, &length);

	if (entry != NULL)
		return psprintf("rivergen.allowed_hosts has an entry that is no host, host:port or *.host: \"%.*s\"",
						(int) length, entry);
	if (rg_allowed_hosts[strspn(rg_allowed_hosts, ", \t\r\n")] == '\0')
		return "rivergen.https_proxy is set and rivergen.allowed_hosts is empty: no service over HTTP can be "
			   "reached";
	return NULL;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char) *text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* One line: the name, a colon, the password. */
static const char *
take_credentials(RgProxy *proxy, char *text, size_t length)
{
	char *colon;

	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		length--;
	text[length] = '\0';
	colon = strchr(text, ':');
	if (colon == NULL || colon == text || strlen(text) != length || has_control(text))
		return "it is not one line of the form name:password";
	*colon = '\0';
	proxy->username = text;
	proxy->password = colon + 1;
	return NULL;
}

static const char *
read_file(RgProxy *proxy, int file)
{
	char *text = rg_secret_alloc(MOST_CREDENTIALS + 2);
	ssize_t length = read(file, text, MOST_CREDENTIALS + 1);

	if (length < 0)
		return "it cannot be read";
	return length > MOST_CREDENTIALS ? "it is too long" : take_credentials(proxy, text, (size_t) length);
}

static const char *
read_credentials(RgProxy *proxy)
{
	const char *path = rg_https_proxy_credentials_file;
	const char *fault;
	int file;

	if (*path == '\0')
		return NULL;
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	fault = rg_private_file_fault(path, file);
	if (fault == NULL)
		fault = read_file(proxy, file);
	if (file >= 0)
		close(file);
	return fault == NULL ? NULL : psprintf("rivergen.https_proxy_credentials_file \"%s\": %s", path, fault);
}

static const char *
read_settings(RgProxy *proxy)
{
	const char *fault = read_address(proxy);

	if (fault == NULL)
		fault = hosts_fault();
	return fault != NULL ? fault : read_credentials(proxy);
}

/* ---- use ---- */

static bool
may_not_be_dialed(RgFailure *failure)
{
	return rg_failed_here(failure, "unavailable", "the HTTPS proxy of this server cannot be used",
						  psprintf("%s (%s)", failure->message, failure->detail ? failure->detail : ""));
}

bool
rg_proxy_open(RgProxy *proxy, int seconds, RgContinueCheck check, void *argument, RgFailure *failure,
			  RgInterruption *interruption)
{
	const char *fault;

	*proxy = (RgProxy){.host = NULL};
	fault = read_settings(proxy);
	if (fault != NULL)
		return rg_failed_here(failure, "unavailable", "the HTTPS proxy of this server cannot be used", fault);
	proxy->addresses = rg_resolve_name(proxy->host, seconds, check, argument, failure, interruption);
	if (proxy->addresses != NULL)
		return true;
	return *interruption == RG_UNDISTURBED ? may_not_be_dialed(failure) : false;
}

void
rg_proxy_confine(const RgProxy *proxy, RgConfinement *confinement)
{
	confinement->network = RG_NETWORK_PROXY;
	confinement->local_port = (uint16_t) proxy->port;
	confinement->proxies = proxy->addresses;
}

char *
rg_proxy_add_credentials(const RgProxy *proxy, const char *credentials)
{
	const char *rest = credentials + 1;
	StringInfoData texts;
	size_t size;
	char *merged;

	if (proxy->username == NULL)
		return pstrdup(credentials);
	initStringInfo(&texts);
	enlargeStringInfo(&texts, 6 * MOST_CREDENTIALS + 100); /* so that no copy is left behind */
	appendStringInfoString(&texts, "{\"proxy_username\": ");
	escape_json(&texts, proxy->username);
	appendStringInfoString(&texts, ", \"proxy_password\": ");
	escape_json(&texts, proxy->password);
	size = texts.len + strlen(credentials) + 3;
	merged = rg_secret_alloc(size);
	rest += strspn(rest, " \t\r\n");
	snprintf(merged, size, "%s%s%s", texts.data, *rest == '}' ? "" : ", ", rest);
	rg_secret_wipe(texts.data, texts.maxlen);
	return merged;
}

const char *
rg_proxy_fault(void)
{
	RgProxy proxy = {.host = NULL};
	RgInterruption interruption = RG_UNDISTURBED;
	RgFailure failure = {0};
	const char *fault = read_settings(&proxy);

	if (fault != NULL ||
		rg_resolve_name(proxy.host, FAULT_SECONDS, NULL, NULL, &failure, &interruption) != NULL)
		return fault;
	return psprintf("the proxy cannot be dialed: %s", failure.message);
}
