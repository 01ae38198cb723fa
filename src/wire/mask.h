/*
 * mask.h — recognises secrets and personal data, by the name of a column or by a value. Pure functions of
 * UTF-8 text. In doubt the answer is yes: a value masked by mistake costs an example, a value shown by
 * mistake cannot be taken back.
 */
#ifndef RG_WIRE_MASK_H
#define RG_WIRE_MASK_H

#include <stdbool.h>
#include <stddef.h>

/* The text in place of a masked value. */
#define MASK "***"

extern bool wire_name_looks_private(const char *name);
extern bool wire_value_looks_private(const char *value);

/*
 * Does the name of a setting suggest a secret? Narrower than the functions above, because most settings
 * should be shown.
 */
extern bool wire_option_looks_secret(const char *name, size_t length);

#endif
