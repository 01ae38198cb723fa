/*
 * home.h — the server and database in which the catalog lives. A copy of it somewhere else waits until an
 * operator acknowledges it: two installations must not discover the same sources unasked.
 */
#ifndef RG_HOME_H
#define RG_HOME_H

#include "postgres.h"

/* False in a copy. The first worker of a catalog that has no home yet gives it one. */
extern bool rg_home_is_here(void);

/* From now on the home is here; was it a copy? */
extern bool rg_home_acknowledge(void);

#endif
