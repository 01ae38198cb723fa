/*
 * home.h — the server and database of the catalog. Workers in a copy elsewhere do nothing until an operator
 * acknowledges the copy, so that two installations do not discover the same sources unasked.
 */
#ifndef RG_HOME_H
#define RG_HOME_H

#include "postgres.h"

/* False in a copy. Records this database as the home if the catalog has none. */
extern bool rg_home_is_here(void);

/* Makes this database the home. True: it was a copy. */
extern bool rg_home_acknowledge(void);

#endif
