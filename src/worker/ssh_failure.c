#include "ssh_failure.h"

#include "words.h"

#define DETAIL_BYTES 500

typedef struct Sign
{
	const char *words; /* of OpenSSH; "" fits always */
	RgSshCause cause;
	const char *code;
	bool transient;
	const char *message;
	const char *hint;
} Sign;

/* Before the tunnel is there. The first that fits counts. */
static const Sign before[] = {
	{"Address already in use", RG_SSH_PORT_TAKEN, "ssh_local_port", true,
	 "no free local port was found for the SSH tunnel",
	 "Other programs of this server take ports as soon as they are chosen."},
	{"Could not request local forwarding", RG_SSH_PORT_TAKEN, "ssh_local_port", true,
	 "no free local port was found for the SSH tunnel",
	 "Other programs of this server take ports as soon as they are chosen."},
	{"Host key verification failed", RG_SSH_HOST_KEY, "ssh_host_key", false,
	 "the SSH server has another host key than the one that is known", NULL},
	{": Connection refused", RG_SSH_UNREACHED, "refused", true,
	 "nothing accepts SSH connections at ssh_host and ssh_port",
	 "Check ssh_host and ssh_port, and that the SSH server listens there."},
	{"banner line 0: HTTP/", RG_SSH_FAILED, "protocol", false, "what listens at ssh_host does not speak SSH",
	 "A web server listens there: check ssh_port."},
	{"during banner exchange", RG_SSH_FAILED, "timeout", true,
	 "what listens at ssh_host did not begin to speak SSH in time",
	 "Check ssh_host and ssh_port; connection_timeout bounds the wait."},
	{"timed out", RG_SSH_UNREACHED, "timeout", true, "the SSH server did not answer in time",
	 "Check ssh_host and ssh_port, and that no firewall is in the way; connection_timeout bounds the wait."},
	{"No route to host", RG_SSH_UNREACHED, "unreachable", true, "there is no way to the SSH server",
	 "Check ssh_host, and the network between this server and it."},
	{"is unreachable", RG_SSH_UNREACHED, "unreachable", true, "there is no way to the SSH server",
	 "Check ssh_host, and the network between this server and it."},
	{"Invalid key length", RG_SSH_FAILED, "ssh_key_invalid", false,
	 "the SSH private key is too short to be used", "Make a new key: ssh-keygen -t ed25519."},
	{"no mutual signature", RG_SSH_FAILED, "ssh_key_refused", false,
	 "the SSH server accepts no signature that this key can make",
	 "Use an Ed25519 key, or a newer SSH server."},
	{"Permission denied (", RG_SSH_FAILED, "ssh_key_refused", false, "the SSH server refused the key",
	 "Check ssh_username, and that the public half of ssh_private_key is in this user's authorized_keys. No "
	 "password is ever sent."},
	{": Permission denied", RG_SSH_FAILED, "address_refused", false,
	 "the SSH server's address may not be dialed", "An operator may open it with rivergen.allowed_networks."},
	{"Too many authentication failures", RG_SSH_FAILED, "ssh_key_refused", false,
	 "the SSH server refused the key",
	 "Check ssh_username, and that the public half of ssh_private_key is in this user's authorized_keys."},
	{"username contains invalid", RG_SSH_FAILED, "configuration", false,
	 "ssh_username is not a name that ssh accepts", "Give the name alone."},
	{"no matching ", RG_SSH_FAILED, "unsupported", false,
	 "the SSH server offers only algorithms that are not accepted here", "Bring the SSH server up to date."},
	{"banner line contains", RG_SSH_FAILED, "protocol", false, "what listens at ssh_host does not speak SSH",
	 "Check ssh_host and ssh_port."},
	{"invalid format", RG_SSH_FAILED, "protocol", false, "what listens at ssh_host does not speak SSH",
	 "Check ssh_host and ssh_port."},
	{"No SSH identification", RG_SSH_FAILED, "protocol", false, "what listens at ssh_host does not speak SSH",
	 "Check ssh_host and ssh_port."},
	{"remote protocol version", RG_SSH_FAILED, "protocol", false,
	 "what listens at ssh_host does not speak SSH", "Check ssh_host and ssh_port."},
	{"protocol identification", RG_SSH_FAILED, "protocol", false,
	 "what listens at ssh_host does not speak SSH", "Check ssh_host and ssh_port."},
	{"Protocol major versions differ", RG_SSH_FAILED, "unsupported", false,
	 "the SSH server speaks an old version of the protocol", "Bring the SSH server up to date."},
	{"Connection closed by", RG_SSH_FAILED, "unreachable", true, "the SSH server closed the connection",
	 "Look into the SSH server's log."},
	{"closed by remote host", RG_SSH_FAILED, "unreachable", true, "the SSH server closed the connection",
	 "Look into the SSH server's log."},
	{"Connection reset", RG_SSH_FAILED, "unreachable", true, "the SSH server closed the connection",
	 "Look into the SSH server's log."},
	{"Received disconnect", RG_SSH_FAILED, "unreachable", true, "the SSH server ended the connection",
	 "Look into the SSH server's log."},
	{"", RG_SSH_FAILED, "protocol", false, "the SSH connection failed", NULL},
};

/* The SSH server's answers to a connection through the tunnel. */
static const Sign of_target[] = {
	{"open failed: administratively prohibited", RG_SSH_FAILED, "ssh_forwarding", false,
	 "the SSH server does not allow forwarding to the data source",
	 "Allow it there: AllowTcpForwarding and PermitOpen of sshd_config, and the options of the key in "
	 "authorized_keys."},
	{"connect failed: Connection refused", RG_SSH_FAILED, "ssh_target_refused", true,
	 "the SSH server was reached, but nothing accepts its connections at the data source's host and port",
	 "Check host and port as the SSH server sees them."},
	{"connect failed: Name or service not known", RG_SSH_FAILED, "ssh_target_unknown", false,
	 "the SSH server was reached, but does not know the data source's host",
	 "host is resolved by the SSH server: give a name or address that is valid there."},
	{"connect failed: Temporary failure in name resolution", RG_SSH_FAILED, "ssh_target_unknown", true,
	 "the SSH server was reached, but does not know the data source's host",
	 "host is resolved by the SSH server: give a name or address that is valid there."},
	{"connect failed: No address associated", RG_SSH_FAILED, "ssh_target_unknown", false,
	 "the SSH server was reached, but does not know the data source's host",
	 "host is resolved by the SSH server: give a name or address that is valid there."},
	{"open failed: connect failed", RG_SSH_FAILED, "ssh_target_unreachable", true,
	 "the SSH server was reached, but could not connect to the data source",
	 "Check host and port as the SSH server sees them."},
	{"open failed: unknown channel type", RG_SSH_FAILED, "ssh_forwarding", false,
	 "the SSH server cannot forward connections", NULL},
	{"open failed: resource shortage", RG_SSH_FAILED, "ssh_forwarding", true,
	 "the SSH server has no connection to spare", "Try again later."},
	{NULL},
};

/* After the tunnel was there. */
static const Sign after[] = {
	{"not responding", RG_SSH_FAILED, "ssh_lost", true, "the SSH server stopped answering", NULL},
	{"Received disconnect", RG_SSH_FAILED, "ssh_lost", true, "the SSH server ended the tunnel",
	 "Look into the SSH server's log."},
	{"", RG_SSH_FAILED, "ssh_lost", true, "the SSH tunnel was lost", "Look into the SSH server's log."},
};

static const Sign of_keys[] = {
	{"incorrect passphrase", RG_SSH_FAILED, "ssh_passphrase", false, NULL, NULL},
	{"", RG_SSH_FAILED, "ssh_key_invalid", false, "ssh_private_key is not a private key that ssh can read",
	 "Give the whole file, from -----BEGIN to the last line, in OpenSSH's form or in PEM (PKCS#1, SEC1, PKCS#8). "
	 "ssh-keygen -p -f FILE rewrites a key in OpenSSH's form."},
};

static const Sign *
find(const Sign *sign, const char *log)
{
	while (sign->words != NULL && strstr(log, sign->words) == NULL)
		sign++;
	return sign;
}

static bool
is_noise(const char *line)
{
	return strncmp(line, "debug", 5) == 0 || strncmp(line, "Warning: Permanently added", 26) == 0 ||
		   line[strspn(line, "@ \r")] == '\0';
}

/* The last line that is no debugging output. */
static const char *
last_words(const char *log, const char *secrets)
{
	char *rest = pstrdup(log);
	char *line;
	const char *last = NULL;

	while ((line = strsep(&rest, "\n")) != NULL)
	{
		if (!is_noise(line))
			last = line;
	}
	return last != NULL ? rg_words(last, strlen(last), secrets, DETAIL_BYTES) : NULL;
}

static void
take(RgFailure *failure, const Sign *sign, const char *detail)
{
	if (detail != NULL && sign->hint != NULL)
		detail = psprintf("%s It said: %s", sign->hint, detail);
	rg_failed(failure, sign->code, sign->message, detail != NULL ? detail : sign->hint);
	failure->step = "ssh";
	failure->transient = sign->transient;
}

RgSshCause
rg_ssh_failed(RgFailure *failure, const char *log, const char *secrets)
{
	const Sign *sign = find(before, log);

	take(failure, sign, last_words(log, secrets));
	return sign->cause;
}

void
rg_ssh_lost(RgFailure *failure, const char *log, const char *secrets)
{
	take(failure, find(after, log), last_words(log, secrets));
}

bool
rg_ssh_refused_target(RgFailure *failure, const char *log)
{
	const Sign *sign = find(of_target, log);

	if (sign->words == NULL)
		return false;
	take(failure, sign, NULL);
	return true;
}

void
rg_ssh_key_failed(RgFailure *failure, const char *said, bool has_passphrase)
{
	Sign sign = *find(of_keys, said);

	if (sign.message == NULL)
	{
		sign.message = has_passphrase ? "ssh_passphrase does not open the SSH private key"
									  : "the SSH private key needs a passphrase";
		sign.hint = has_passphrase ? "Give the passphrase of this very key." : "Give it as ssh_passphrase.";
	}
	take(failure, &sign, NULL);
}

/* "debug1: Server host key: ssh-ed25519 SHA256:…" */
char *
rg_ssh_shown_fingerprint(const char *log)
{
	static const char sign[] = "Server host key: ";
	const char *line = strstr(log, sign);
	const char *fingerprint = line != NULL ? strstr(line, "SHA256:") : NULL;

	if (fingerprint == NULL || memchr(line, '\n', fingerprint - line) != NULL)
		return NULL;
	return pnstrdup(fingerprint, strcspn(fingerprint, " \r\n"));
}
