/* tap.h — what tests of pure functions share: numbered lines of TAP, and texts in memory of exactly their
 * length. */
#ifndef TAP_H
#define TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern void ok(bool fine, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The plan; returns the exit status. */
extern int finished(void);

/* So that the sanitizers see a byte read too many. */
extern char *exact_copy(const char *text, size_t length);

/* The same numbers in each run. */
extern uint64_t next_random(void);

#endif
