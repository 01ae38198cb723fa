/*
 * account.h — the operator's bucket, and the keys to it.
 */
#ifndef RG_STORAGE_BROKER_ACCOUNT_H
#define RG_STORAGE_BROKER_ACCOUNT_H

#include "connectors/bucket/bucket.h"
#include "connectors/common/attempt.h"

#define ACCOUNT_ARGUMENTS 11

typedef struct Account
{
	Bucket bucket; /* its path is the key of the source */
	bool is_open;
	AttemptFailure failure; /* why it is not */
} Account;

/* Takes the arguments of the program, and the keys from standard input. Sends nothing. */
extern void account_open(Account *account, char **arguments);

#endif
