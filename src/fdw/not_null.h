/* not_null.h — NOT NULL of a foreign table says what the source had, not what a scan returns. */
#ifndef RG_FDW_NOT_NULL_H
#define RG_FDW_NOT_NULL_H

#include "postgres.h"

extern void rg_not_null_init(void);

#endif
