/*
 * path.h — paths in the log, which are written as URIs.
 */
#ifndef RG_DELTA_PATH_H
#define RG_DELTA_PATH_H

#include <stdbool.h>

/* The path without its escapes. One of this machine has neither a scheme nor more than one slash before it.
 * The caller frees it. */
extern char *delta_path_decoded(const char *uri);

/* Is the decoded path one from the table's folder on? */
extern bool delta_path_is_relative(const char *path);

#endif
