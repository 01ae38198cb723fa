/*
 * tls_files.h — certificates and keys for a library that takes them from files only.
 */
#ifndef RG_CONNECTOR_TLS_FILES_H
#define RG_CONNECTOR_TLS_FILES_H

/* A path under which the text can be read by this process and nobody else, without a file anywhere. */
extern const char *tls_file(const char *text);

/* The path of the system's certificate authorities; ends the process with an error frame when there are none.
 */
extern const char *tls_system_roots(void);

#endif
