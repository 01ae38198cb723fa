#include "connectors/s3/survey.h"

#include <stdio.h>

#include "connectors/common/emit.h"
#include "connectors/s3/object.h"

static void
look(void *argument)
{
	Survey *survey = argument;

	survey->format->check(survey->request, &survey->file);
	survey->format->survey(survey->request, &survey->file, &survey->found);
	if (survey->format->has_one_relation && survey->found.count != 1)
		give_up(&(Failure){.step = "query", .code = "protocol", .message = "The object has no table."});
}

bool
survey_object(Survey *survey, const Request *request, Bucket *bucket, const ObjectFormat *format,
			  const ListedObject *object, AttemptFailure *failure)
{
	*survey = (Survey){.request = request, .format = format->format};
	object_open(&survey->file, bucket, object);
	if (attempt(look, survey, failure))
		return true;
	survey_end(survey);
	return false;
}

void
survey_end(Survey *survey)
{
	relations_free(&survey->found);
	object_close(&survey->file);
}

void
survey_report(const AttemptFailure *failure, const char *key)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "The object is \"%.200s\". %s", key, failure->detail);
	give_up(&(Failure){.step = failure->step,
					   .code = failure->code,
					   .transient = failure->transient,
					   .message = failure->message,
					   .detail = detail,
					   .hint = failure->hint[0] == '\0' ? NULL : failure->hint});
}
