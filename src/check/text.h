/*
 * text.h — small questions about strings that are not NUL-terminated, in the database's encoding.
 */
#ifndef RG_TEXT_H
#define RG_TEXT_H

#include "postgres.h"

/* Moves both ends of the text inwards over white space, Unicode's too. */
extern void rg_text_trim(const char **text, int *length);

extern bool rg_text_has_control(const char *text, int length);

extern bool rg_text_contains(const char *text, int length, const char *part);

/* Takes from a host what is around it: white space, the brackets of an IPv6 address, a name's last dot. */
extern void rg_text_trim_host(const char **host, int *length);

/*
 * What is wrong with a host's name or address, or NULL. Spellings that a client library would take for
 * something else than one host (socket directories, lists, URLs, options) are refused.
 */
extern const char *rg_text_host_fault(const char *host, size_t length);

/* What is wrong with a path in the storage of this organization, or NULL. */
extern const char *rg_file_path_fault(const char *path, int length, int64 organization_id);

/* Is the word one of a list that is separated by single spaces? Case does not matter. */
extern bool rg_word_in(const char *list, const char *word, int length);

#endif
