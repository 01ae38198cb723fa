/*
 * pem.h — keys and certificates in PEM form, as they are pasted.
 */
#ifndef RG_PEM_H
#define RG_PEM_H

#include "postgres.h"

/* The most that tidying makes of so many bytes. */
#define RG_TIDY_PEM_SIZE(length) ((length) + 1)

/*
 * Writes the text to tidy as a file would have it: lines that end in \n, the last one too, without blanks
 * around them; backslash and n, as environment files and JSON twice encoded have it, is the end of a line.
 * What does not begin with -----BEGIN is no PEM, and is copied as it is. Returns the length.
 */
extern int rg_pem_tidy(const char *text, int length, char *tidy);

#endif
