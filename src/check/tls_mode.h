/* tls_mode.h — the words for how a connection is encrypted and what is verified. */
#ifndef RG_CHECK_TLS_MODE_H
#define RG_CHECK_TLS_MODE_H

#include "postgres.h"

/* Returns the mode's place among all modes, from lax to strict, or -1. */
extern int rg_tls_mode_rank(const char *mode, int length);

/* Returns the modes for people, with commas. */
extern const char *rg_tls_mode_names(void);

#endif
