/* sandbox.h — inside the process room: the level below which no connector is started. */
#ifndef RG_PROCESS_SANDBOX_H
#define RG_PROCESS_SANDBOX_H

#include "postgres.h"

#include "process/rules.h"

extern void rg_sandbox_init(void);

/* rivergen.sandbox_minimum */
extern RgLevel rg_sandbox_minimum(void);

/*
 * What an operator can do about a feature that is missing for this reason, both as rivergen-run reports them
 * (README.md): a sentence.
 */
extern const char *rg_sandbox_remedy(const char *feature, const char *reason);

#endif
