/*
 * data_names.h — names of members that are data, not names: numbers, dates, uuids, hexadecimal digits.
 */
#ifndef RG_INFERENCE_DATA_NAMES_H
#define RG_INFERENCE_DATA_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/* So many must look like data before an object is taken for a map. */
#define FEWEST_DATA_NAMES 20

extern bool is_data_name(const char *name, size_t length);

#endif
