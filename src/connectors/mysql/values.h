/*
 * values.h — values as PostgreSQL writes them, where MySQL has them in another form.
 */
#ifndef RG_MYSQL_VALUES_H
#define RG_MYSQL_VALUES_H

#include "connectors/common/rows.h"

typedef enum ValueForm
{
	FORM_TEXT,
	FORM_BYTES,  /* written as \x and digits */
	FORM_MOMENT, /* of UTC, which is written behind it */
	FORM_BITS    /* bytes of a number */
} ValueForm;

/* value: NULL for null; bits: how many of FORM_BITS count. */
extern void value_write(Rows *rows, ValueForm form, const char *value, size_t length, int bits);

#endif
