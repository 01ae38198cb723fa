/*
 * few_values.h — the different values of a column, while they are few and short.
 */
#ifndef RG_CONNECTOR_FEW_VALUES_H
#define RG_CONNECTOR_FEW_VALUES_H

#include "connectors/common/sample_frame.h"

typedef struct FewValues
{
	bool are_open; /* all values so far are in here */
	char **items;
	int count;
} FewValues;

/* Adds a value, or closes them: they are too many, or too long. */
extern void few_values_add(FewValues *values, const SampleRequest *request, const char *value);

/* Values are read from the first row on again. */
extern void few_values_restart(FewValues *values);

/* Not all values were read, or they are no longer needed. */
extern void few_values_close(FewValues *values);

/* Writes them as the categories of the column. */
extern void few_values_write(const FewValues *values, SampleFrame *frame, const char *column);

#endif
