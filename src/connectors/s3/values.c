#include "connectors/s3/values.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/files/file_read.h"
#include "connectors/files/file_sample.h"
#include "connectors/s3/parts.h"
#include "connectors/s3/survey.h"

/* A relation whose values are wanted, and what reads it. */
typedef struct Opened
{
	const Request *request;
	Listing listing;
	BucketRelations relations;
	const BucketRelation *relation;
	const Format *format;
	const FileRelation *found;
	Survey survey; /* of an object, or of a table of a lake */
	Parts parts;   /* of a folder */
	int position;  /* in a request for samples */
} Opened;

static const FileRelation *
find_in_object(const Opened *opened, const char *name)
{
	const FileRelations *found = &opened->survey.found;
	bool is_found = false;
	int i;

	for (i = 0; i < found->count && !is_found; i++)
	{
		char *other = source_relation_name(opened->relation, &found->items[i]);

		is_found = strcmp(other, name) == 0;
		free(other);
	}
	return is_found ? &found->items[i - 1] : NULL;
}

static bool
open_folder(Opened *opened, Source *source, AttemptFailure *failure)
{
	if (!parts_survey(&opened->parts, opened->request, &source->bucket, opened->relation, failure))
		return false;
	opened->format = &parts_format;
	opened->found = &opened->parts.relation;
	return true;
}

static bool
open_object(Opened *opened, Source *source, const char *name, AttemptFailure *failure)
{
	const BucketRelation *relation = opened->relation;

	if (!survey_object(&opened->survey, opened->request, &source->bucket, relation->format,
					   relation->objects[0], failure))
		return false;
	opened->format = opened->survey.format;
	opened->found = find_in_object(opened, name);
	return true;
}

static bool
open_lake(Opened *opened, Source *source, AttemptFailure *failure)
{
	if (!survey_open_lake(&opened->survey, opened->request, &source->bucket, opened->relation, failure) ||
		!survey_lake(&opened->survey, failure))
		return false;
	opened->format = opened->survey.format;
	opened->found = &opened->survey.found.items[0];
	return true;
}

/*
 * Finds the relation and what is in it. Returns false with the failure if that cannot be read; `found` stays
 * NULL if there is no such relation.
 */
static bool
open_relation(Opened *opened, const Request *request, Source *source, const char *schema, const char *name,
			  const char *id, AttemptFailure *failure)
{
	opened->request = request;
	opened->found = NULL;
	opened->relation = source_is_id(id, name)
						   ? source_find(source, schema, name, &opened->listing, &opened->relations)
						   : NULL;
	if (opened->relation == NULL || opened->relation->unreadable != NULL)
		return true;
	if (opened->relation->is_lake)
		return open_lake(opened, source, failure);
	return opened->relation->is_folder ? open_folder(opened, source, failure)
									   : open_object(opened, source, name, failure);
}

static void
close_relation(Opened *opened)
{
	if (opened->found != NULL && opened->relation->is_folder)
		parts_free(&opened->parts);
	else if (opened->relation != NULL && opened->format != NULL)
		survey_end(&opened->survey);
	folders_free(&opened->relations);
	listing_free(&opened->listing);
}

static void
sample_opened(void *argument)
{
	Opened *opened = argument;

	file_sample_relation(opened->format, opened->request, opened->position, opened->found);
}

static void
sample_one(const Request *request, Source *source, int position)
{
	const SampledRelation *wanted = &request->sample.relations[position];
	Opened opened = {.position = position};
	AttemptFailure failure;

	if (!open_relation(&opened, request, source, wanted->schema, wanted->name, wanted->id, &failure))
		emit_sample_error(position, failure.message);
	else if (opened.relation != NULL && opened.relation->unreadable != NULL)
		emit_sample_error(position, opened.relation->unreadable);
	else if (opened.found == NULL)
		emit_sample_error(position, "it is no longer in the data source");
	else if (!attempt(sample_opened, &opened, &failure))
		emit_sample_error(position, failure.message);
	close_relation(&opened);
}

void
values_sample(const Request *request, Source *source)
{
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		emit_progress("scan", ABSENT);
		sample_one(request, source, i);
	}
}

void
values_read(const Request *request, Source *source)
{
	const ReadRequest *wanted = &request->read;
	Opened opened = {0};
	AttemptFailure failure;

	if (!open_relation(&opened, request, source, wanted->schema, wanted->name, wanted->id, &failure))
		survey_report(&failure, wanted->name);
	if (opened.relation != NULL && opened.relation->unreadable != NULL)
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "The relation cannot be read.",
						   .detail = opened.relation->unreadable});
	if (opened.found == NULL)
		give_up_changed("The relation is no longer in the data source.", NULL);
	file_read_relation(opened.format, request, opened.found);
	close_relation(&opened);
}
