/*
 * failure.h — what an error of the server means, told by its first words. The rest of its text may hold keys,
 * and is not passed on.
 */
#ifndef RG_REDIS_FAILURE_H
#define RG_REDIS_FAILURE_H

#include "connectors/guard/dial.h"
#include "connectors/redis/resp.h"

extern void failure_describe(DialFailure *failure, const RespAnswer *answer, const RespValue *error);

/* What answers to a login, or to the first command after it. */
extern bool failure_is_of_login(const RespAnswer *answer, const RespValue *error);

extern bool failure_is_permission(const RespAnswer *answer, const RespValue *error);

/* Does another node of the cluster have the key? */
extern bool failure_is_of_another_node(const RespAnswer *answer, const RespValue *error);

#endif
