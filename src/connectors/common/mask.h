/*
 * mask.h — what looks like a secret or personal data, by the name of a column or by a value. Pure functions
 * of UTF-8 text. When in doubt the answer is yes: what is masked wrongly costs an example, what is told
 * wrongly cannot be taken back.
 */
#ifndef RG_CONNECTOR_MASK_H
#define RG_CONNECTOR_MASK_H

#include <stdbool.h>
#include <stddef.h>

/* What stands in the place of a masked value. */
#define MASK "***"

extern bool name_looks_private(const char *name);
extern bool value_looks_private(const char *value);

/* Does a setting of that name hold a secret? Narrower than the above: most settings are to be told. */
extern bool option_looks_secret(const char *name, size_t length);

#endif
