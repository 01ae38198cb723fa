/* filter.h — the filter of system calls. Plain C. */
#ifndef RG_FILTER_H
#define RG_FILTER_H

#include "process/execution.h"
#include "process/handshake.h"
#include "process/rules.h"

/*
 * Puts this process under the filter of its rules, for good. execution is the only one that it allows; NULL:
 * none, and this process resolves a host instead. *listener is where socket() and connect() are notified, for
 * a network mode with a dialer; else, and when it is missing, -1.
 */
extern void rg_filter_load(const RgRules *rules, const RgExecution *execution, RgMeans *means, int *listener);

#endif
