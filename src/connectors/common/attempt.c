#include "connectors/common/attempt.h"

#include <setjmp.h>
#include <stdio.h>

#include "connectors/common/emit.h"

typedef struct Attempt
{
	jmp_buf way_out;
	AttemptFailure *failure;
	struct Attempt *outer; /* that this one is a part of */
} Attempt;

static Attempt *present;

static void
copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from ? from : "");
}

static void
leave(const Failure *failure)
{
	AttemptFailure *kept = present->failure;

	copy(kept->step, sizeof(kept->step), failure->step);
	copy(kept->code, sizeof(kept->code), failure->code);
	copy(kept->message, sizeof(kept->message), failure->message);
	copy(kept->detail, sizeof(kept->detail), failure->detail);
	copy(kept->hint, sizeof(kept->hint), failure->hint);
	kept->transient = failure->transient;
	longjmp(present->way_out, 1);
}

void
attempt_end(void)
{
	emit_catch(NULL);
}

bool
attempt(void (*work)(void *argument), void *argument, AttemptFailure *failure)
{
	Attempt own = {.failure = failure, .outer = present};
	volatile bool fine = false;

	present = &own;
	if (setjmp(own.way_out) == 0)
	{
		emit_catch(leave);
		work(argument);
		fine = true;
	}
	present = own.outer;
	emit_catch(present != NULL ? leave : NULL);
	return fine;
}
