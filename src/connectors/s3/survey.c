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
	stored_check(&survey->file);
}

bool
survey_object(Survey *survey, const Request *request, Bucket *bucket, const ObjectFormat *format,
			  const ListedObject *object, AttemptFailure *failure)
{
	*survey = (Survey){.request = request, .format = format->format};
	object_open(&survey->file, bucket, object);
	survey->file.format = format->name;
	if (attempt(look, survey, failure))
		return true;
	survey_end(survey);
	return false;
}

static void
open_lake(void *argument)
{
	Survey *survey = argument;

	survey->format->open_folder(&survey->file);
}

bool
survey_open_lake(Survey *survey, const Request *request, Bucket *bucket, const BucketRelation *relation,
				 AttemptFailure *failure)
{
	*survey = (Survey){.request = request, .format = relation->format->format};
	lake_open(&survey->lake, &survey->file, bucket, relation);
	survey->file.format = relation->format->name;
	if (attempt(open_lake, survey, failure))
		return true;
	survey_end(survey);
	return false;
}

bool
survey_lake(Survey *survey, AttemptFailure *failure)
{
	if (attempt(look, survey, failure))
		return true;
	survey_end(survey);
	return false;
}

void
survey_end(Survey *survey)
{
	relations_free(&survey->found);
	stored_close(&survey->file);
	lake_close(&survey->lake);
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
