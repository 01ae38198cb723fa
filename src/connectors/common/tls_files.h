/*
 * tls_files.h — certificates and keys for libraries that read them from files only.
 */
#ifndef RG_CONNECTOR_TLS_FILES_H
#define RG_CONNECTOR_TLS_FILES_H

/* Returns a path under which only this process can read the text, without a file on a disk. */
extern const char *tls_file(const char *text);

/*
 * Returns the path of the system's certificate authorities; ends the process with an error frame if there are
 * none.
 */
extern const char *tls_system_roots(void);

#endif
