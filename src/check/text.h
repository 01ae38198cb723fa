/*
 * text.h — functions on strings that are not NUL-terminated, in the database's encoding.
 */
#ifndef RG_TEXT_H
#define RG_TEXT_H

#include "postgres.h"

/* Moves both ends of the text inwards past white space, Unicode's too. */
extern void rg_text_trim(const char **text, int *length);

extern bool rg_text_has_control(const char *text, int length);

extern bool rg_text_contains(const char *text, int length, const char *part);

/* Removes from a host the white space around it, the brackets of an IPv6 address, and a last dot. */
extern void rg_text_trim_host(const char **host, int *length);

/*
 * Returns what is wrong with a host's name or address, or NULL. Refuses texts that a client library would not
 * take for one host: socket directories, lists, URLs, options.
 */
extern const char *rg_text_host_fault(const char *host, size_t length);

/* Returns what is wrong with a path in the storage of this organization, or NULL. */
extern const char *rg_file_path_fault(const char *path, int length, int64 organization_id);

/* Is the word in the list, whose words are separated by single spaces? Case does not matter. */
extern bool rg_word_in(const char *list, const char *word, int length);

#endif
