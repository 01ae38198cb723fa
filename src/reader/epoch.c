#include "reader/epoch.h"

#include "access/xact.h"
#include "utils/snapmgr.h"

static uint64 epoch = 0;
static uint64 expected = 0; /* transactions that have ended, if none but the own has since the last look */

uint64
rg_epoch_now(void)
{
	uint64 ended = GetTransactionSnapshot()->snapXactCompletionCount;

	if (ended != expected || epoch == 0)
		epoch++;
	expected = ended;
	return epoch;
}

/* A transaction without an id is not counted. */
void
rg_epoch_goes_on(void)
{
	(void) rg_epoch_now();
	if (TransactionIdIsValid(GetTopTransactionIdIfAny()))
		expected++;
}
