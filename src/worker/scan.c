#include "scan.h"

#include "utils/memutils.h"

#include "transaction.h"

static char *
next_batch(RgSamples *samples)
{
	MemoryContext memory = CurrentMemoryContext;

	rg_transaction_begin();
	MemoryContextSwitchTo(memory);

	char *sample = rg_samples_ask(samples);

	rg_transaction_commit();
	MemoryContextSwitchTo(memory);
	return sample;
}

/* Progress counts over all batches; the rest of the conversation starts fresh with each. */
static void
begin_conversation(RgAttempt *attempt)
{
	attempt->conversation = (RgConversation){.progress = attempt->conversation.progress};
}

/* Its texts are in the batch's memory. A scan follows a discovery, which has kept the host key. */
static void
forget_tunnel(RgAttempt *attempt)
{
	attempt->tunnel = (RgTunnel){0};
}

bool
rg_scan(RgAttempt *attempt, const RgJob *job)
{
	MemoryContext outer = CurrentMemoryContext;
	bool complete = true;
	char *server = NULL;

	attempt->samples = rg_samples_begin(job->organization_id, job->data_source_id, job->job_id);
	while (complete)
	{
		MemoryContext batch =
			AllocSetContextCreate(outer, "rivergen batch of a scan", ALLOCSET_DEFAULT_SIZES);

		MemoryContextSwitchTo(batch);

		RgQuestion question = {.operation = "sample", .member = next_batch(attempt->samples)};

		if (question.member == NULL)
			break;
		begin_conversation(attempt);
		attempt->conversation.progress.relations_total = rg_samples_total(attempt->samples);
		complete = rg_attempt(attempt, &question, NULL, NULL);
		MemoryContextSwitchTo(outer);
		if (!complete)
			return false; /* the texts of the failure are in the batch's memory */
		server = pstrdup(attempt->conversation.server);
		begin_conversation(attempt);
		attempt->conversation.server = server;
		forget_tunnel(attempt);
		MemoryContextDelete(batch);
	}
	MemoryContextSwitchTo(outer);
	return complete;
}
