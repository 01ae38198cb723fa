/*
 * fuzz.h — what every fuzz target has: a function that is given bytes, and what it may ask for. README.md
 * says how a target is added.
 */
#ifndef RG_FUZZ_H
#define RG_FUZZ_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The target. The bytes lie in memory of exactly their length, so that the sanitizers see a byte read too
 * many. What it allocates and does not free is freed after it.
 */
extern void fuzz(const char *bytes, size_t length);

/* Called once, before the first execution. lib/main.c has an empty function for targets that need none. */
extern void fuzz_begin(void);

/* Ends this execution from anywhere inside of fuzz(). */
extern void fuzz_end(void) __attribute__((noreturn));

/* A property of the code: if it does not hold, the input is reported and kept, as that of a crash. */
extern void fuzz_must(bool holds, const char *property);

/* Must everything that this execution allocated have been freed? */
extern void fuzz_must_have_freed(void);

/* What is left of the input. */
typedef struct FuzzRest
{
	const char *bytes;
	size_t length;
} FuzzRest;

/*
 * Takes the next line off the rest, without its newline: a text with a NUL behind it, in memory of exactly
 * that length. A NUL inside ends the text.
 */
extern char *fuzz_line(FuzzRest *rest);

/* Takes all that is left. */
extern char *fuzz_text(FuzzRest *rest);

/* Takes one byte; 0 if there is none. */
extern unsigned char fuzz_byte(FuzzRest *rest);

#endif
