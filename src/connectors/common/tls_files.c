/*
 * tls_files.c — memory files for client libraries that read certificates and keys from files only (libpq 15
 * does). Nothing reaches a disk, and the confined process needs no directory to write to.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/tls_files.h"

const char *
tls_file(const char *text)
{
	size_t length = strlen(text);
	int file = memfd_create("rivergen", MFD_CLOEXEC);
	char *path = allocate(40);

	/* Libraries demand that only the owner can read a key. */
	if (file < 0 || fchmod(file, S_IRUSR | S_IWUSR) != 0 || write(file, text, length) != (ssize_t) length)
		give_up(&(Failure){.step = "configure",
						   .code = "internal",
						   .transient = true,
						   .message = "There is no memory for a certificate or key."});
	snprintf(path, 40, "/proc/self/fd/%d", file);
	return path;
}

const char *
tls_system_roots(void)
{
	/* The families of Debian, of Red Hat and of SUSE; Alpine and the BSDs. */
	static const char *const paths[] = {"/etc/ssl/certs/ca-certificates.crt",
										"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
										"/etc/ssl/cert.pem"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (access(paths[i], R_OK) == 0)
			return paths[i];
	give_up(&(Failure){.step = "configure",
					   .code = "configuration",
					   .message = "There is no certificate authority to verify the server with.",
					   .hint = "Give the authority's certificate as metadata.tls.ca."});
}
