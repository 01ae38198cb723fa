/*
 * connector.c — in place of connectors/common/emit.c: a failure ends the execution, not the process.
 */
#include "connectors/common/emit.h"
#include "fuzz.h"

void
give_up(const Failure *failure)
{
	fuzz_must(failure->step && failure->code && failure->message, "a failure has its words");
	fuzz_end();
}

void
emit_progress(const char *phase, int64_t relations_total)
{
}

void
emit_log(const char *level, const char *message)
{
}

void
messages_are_of(const char *part)
{
}

void
emit_skipped(const RelationFrame *relation, const char *reason)
{
}

void
give_up_out_of_memory(void)
{
	fuzz_end();
}
