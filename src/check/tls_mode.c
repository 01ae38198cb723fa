/* tls_mode.c — the words for how a connection is encrypted and what is verified, from lax to strict. */
#include "tls_mode.h"

int
rg_tls_mode_rank(const char *mode, int length)
{
	static const char *const modes[] = {"disable", "prefer", "require", "verify-ca", "verify-full"};

	for (int i = 0; i < (int) lengthof(modes); i++)
	{
		if (strlen(modes[i]) == (size_t) length && memcmp(modes[i], mode, length) == 0)
			return i;
	}
	return -1;
}

const char *
rg_tls_mode_names(void)
{
	return "disable, prefer, require, verify-ca, verify-full";
}
