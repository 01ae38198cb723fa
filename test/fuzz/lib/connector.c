/*
 * connector.c — in place of connectors/common/emit.c: a failure ends the attempt (attempt.c), else
 * the execution, and never the process.
 */
#include "connectors/common/emit.h"
#include "fuzz.h"

static void (*catch)(const Failure *failure);

/* As in emit.c, for attempt.c. */
void
emit_catch(void (*caught)(const Failure *failure))
{
	catch = caught;
}

void
give_up(const Failure *failure)
{
	fuzz_must(failure->step && failure->code && failure->message, "a failure has its words");
	if (catch)
		catch (failure);
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

bool
messages_name_part(void)
{
	return false;
}

void
emit_skipped(const RelationFrame *relation, const char *reason)
{
}

void
give_up_out_of_memory(void)
{
	give_up(&(Failure){.step = "configure", .code = "internal", .message = "There is no memory left."});
}
