/*
 * survey.h — what is in one object, or in one table of a lake.
 */
#ifndef RG_S3_SURVEY_H
#define RG_S3_SURVEY_H

#include "connectors/common/attempt.h"
#include "connectors/s3/lake.h"

typedef struct Survey
{
	const Request *request;
	const Format *format;
	Lake lake; /* whose folder the file is; or nothing */
	StoredFile file;
	FileRelations found;
} Survey;

/* Opens the object, checks that it is of the format, and looks what is in it. Returns false with the failure.
 */
extern bool survey_object(Survey *survey, const Request *request, Bucket *bucket, const ObjectFormat *format,
						  const ListedObject *object, AttemptFailure *failure);

/*
 * Opens the table, whose state is then that of the file. survey_lake() looks what is in it. Both return false
 * with the failure.
 */
extern bool survey_open_lake(Survey *survey, const Request *request, Bucket *bucket,
							 const BucketRelation *relation, AttemptFailure *failure);
extern bool survey_lake(Survey *survey, AttemptFailure *failure);

extern void survey_end(Survey *survey);

/* Ends the process with what is wrong with the object. */
extern void survey_report(const AttemptFailure *failure, const char *key) __attribute__((noreturn));

#endif
