/* query.h — what must hold of a check of queries, whatever its dialect. */
#ifndef RG_FUZZ_QUERY_H
#define RG_FUZZ_QUERY_H

#include <stdbool.h>
#include <stddef.h>

/* Has the text neither quotes nor comments nor other signs by which it could mean something else than it
 * shows? */
extern bool fuzz_is_plain(const char *text);

/* Does a plain text have this word? */
extern bool fuzz_has_word(const char *text, const char *word);

/* Does a plain text begin with this word? */
extern bool fuzz_begins_with_word(const char *text, const char *word);

#endif
