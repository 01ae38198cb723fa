#include "long_answer.h"

/* The caller reads it after the slot says that the worker has answered, so that it needs no lock. */
typedef struct LongAnswer
{
	Size size; /* 0: none */
	char bytes[FLEXIBLE_ARRAY_MEMBER];
} LongAnswer;

dsm_segment *
rg_long_answer_begin(dsm_handle *handle)
{
	dsm_segment *segment = dsm_create(RG_LONG_ANSWER_BYTES, 0);
	LongAnswer *answer = dsm_segment_address(segment);

	answer->size = 0;
	*handle = dsm_segment_handle(segment);
	return segment;
}

char *
rg_long_answer_take(dsm_segment *segment)
{
	const LongAnswer *answer = dsm_segment_address(segment);
	char *text = answer->size > 0 ? pnstrdup(answer->bytes, answer->size) : NULL;

	dsm_detach(segment);
	return text;
}

void
rg_call_write_long_answer(const RgCall *request, const char *text)
{
	dsm_segment *segment = dsm_attach(request->long_answer);
	LongAnswer *answer;

	if (segment == NULL)
		return;
	answer = dsm_segment_address(segment);
	answer->size = strlen(text);
	Assert(offsetof(LongAnswer, bytes) + answer->size <= RG_LONG_ANSWER_BYTES);
	memcpy(answer->bytes, text, answer->size);
	dsm_detach(segment);
}
