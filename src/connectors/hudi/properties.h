/*
 * properties.h — a file of Java properties, as Java reads it: Latin-1 with escapes, lines that go on behind
 * a backslash, and any of `=`, `:` and spaces between name and value.
 */
#ifndef RG_HUDI_PROPERTIES_H
#define RG_HUDI_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct HudiProperty
{
	char *name;
	char *value;
} HudiProperty;

typedef struct HudiProperties
{
	HudiProperty *items;
	int count;
} HudiProperties;

/* Takes any text. NUL is left out, and half a surrogate pair becomes U+FFFD. */
extern void hudi_properties_parse(HudiProperties *properties, const char *text, size_t length);
extern void hudi_properties_free(HudiProperties *properties);

/* The value; NULL if there is none. Of several of that name, the last one counts. */
extern const char *hudi_property(const HudiProperties *properties, const char *name);

/* Is it `true`? fallback: what it is if it is not there. */
extern bool hudi_property_is_true(const HudiProperties *properties, const char *name, bool fallback);

#endif
