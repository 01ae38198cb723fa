/*
 * pem.h — tidies keys and certificates in PEM form, as people paste them.
 */
#ifndef RG_PEM_H
#define RG_PEM_H

#include "postgres.h"

/* The most bytes that tidying makes of a text of this length. */
#define RG_TIDY_PEM_SIZE(length) ((length) + 1)

/*
 * Writes the text to tidy as a file would have it: lines that end in \n, the last one too, without blanks
 * around them. A backslash and an n (environment files, JSON encoded twice) count as the end of a line. Text
 * that does not begin with -----BEGIN is no PEM, and is copied unchanged. Returns the length.
 */
extern int rg_pem_tidy(const char *text, int length, char *tidy);

#endif
