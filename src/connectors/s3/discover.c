#include "connectors/s3/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_discover.h"
#include "connectors/s3/digest.h"
#include "connectors/s3/parts.h"
#include "connectors/s3/survey.h"

/* To be raised when the same bucket would be described in another way. */
#define DOCUMENTS "2"

typedef struct Discovery
{
	const Request *request;
	Source *source;
	Known known;
} Discovery;

/* ---- signatures ---- */

/* Of what all descriptions depend on beside the objects. */
static const char *
source_signature(const Request *request)
{
	static char signature[sizeof(CONNECTOR_VERSION) + sizeof(DOCUMENTS) + DIGEST_TEXT_BYTES + 2];
	char options[DIGEST_TEXT_BYTES];

	digest_of(request->options ? request->options : "", options);
	snprintf(signature, sizeof(signature), CONNECTOR_VERSION " " DOCUMENTS " %s", options);
	return signature;
}

/* Of all objects of the relation, as the listing has them. */
static void
write_signature(const BucketRelation *relation, char *signature)
{
	WireBuffer content = {0};

	for (int i = 0; i < relation->object_count; i++)
	{
		char size[24];

		snprintf(size, sizeof(size), "%" PRId64, relation->objects[i]->size);
		digest_add(&content, relation->objects[i]->key);
		digest_add(&content, relation->objects[i]->etag);
		digest_add(&content, size);
	}
	digest_end(&content, signature);
}

static int64_t
size_of(const BucketRelation *relation)
{
	int64_t size = relation->is_lake ? ABSENT : 0;

	for (int i = 0; i < relation->object_count; i++)
		size += relation->objects[i]->size;
	return size;
}

/* ---- relations ---- */

static bool
is_selected(const Discovery *discovery, const char *name)
{
	return wire_selects(&discovery->request->selection, discovery->source->bucket.name, name);
}

static void
skip(const Discovery *discovery, const BucketRelation *relation, const char *reason)
{
	char id[DIGEST_TEXT_BYTES];

	digest_of(relation->name, id);
	emit_skipped(&(RelationFrame){.schema = discovery->source->bucket.name, .name = relation->name, .id = id},
				 reason);
}

static void
skip_failed(const Discovery *discovery, const BucketRelation *relation, const AttemptFailure *failure)
{
	char reason[800];

	snprintf(reason, sizeof(reason), "%s %s", failure->message, failure->detail);
	skip(discovery, relation, reason);
}

/* Emits that the relation is unchanged, if it is known so. */
static bool
is_unchanged(const Discovery *discovery, const BucketRelation *relation, const char *signature)
{
	char id[DIGEST_TEXT_BYTES];

	digest_of(relation->name, id);
	if (!known_has(&discovery->known, id, signature))
		return false;
	emit_unchanged(&(RelationFrame){.schema = discovery->source->bucket.name,
									.name = relation->name,
									.id = id,
									.row_estimate = ABSENT,
									.size_bytes = size_of(relation)});
	return true;
}

/* Emits what a format has found, under this name. */
static void
emit_found(const Discovery *discovery, const BucketRelation *relation, FileRelation *found, const char *name,
		   const char *signature)
{
	free(found->name);
	free(found->id);
	found->name = copy_text(name);
	found->id = allocate(DIGEST_TEXT_BYTES);
	digest_of(name, found->id);
	emit_file_relation(discovery->request, discovery->source->bucket.name, found, size_of(relation),
					   discovery->request->signatures ? signature : NULL);
}

static void
emit_surveyed(const Discovery *discovery, const BucketRelation *relation, Survey *survey,
			  const char *signature)
{
	for (int i = 0; i < survey->found.count; i++)
	{
		FileRelation *found = &survey->found.items[i];
		char *name = source_relation_name(relation, found);

		if (is_selected(discovery, name))
			emit_found(discovery, relation, found, name, signature);
		free(name);
	}
}

static void
discover_object(const Discovery *discovery, const BucketRelation *relation)
{
	char signature[DIGEST_TEXT_BYTES];
	AttemptFailure failure;
	Survey survey;

	if ((relation->unreadable != NULL || relation->format->format->has_one_relation) &&
		!is_selected(discovery, relation->name))
		return;
	write_signature(relation, signature);
	if (relation->unreadable != NULL)
		skip(discovery, relation, relation->unreadable);
	else if (is_unchanged(discovery, relation, signature))
		return;
	else if (!survey_object(&survey, discovery->request, &discovery->source->bucket, relation->format,
							relation->objects[0], &failure))
		skip_failed(discovery, relation, &failure);
	else
	{
		emit_surveyed(discovery, relation, &survey, signature);
		survey_end(&survey);
	}
}

/* The objects of a folder whose columns do not agree are relations each. */
static void
discover_each(const Discovery *discovery, const BucketRelation *relation)
{
	for (int i = 0; i < relation->object_count; i++)
	{
		BucketRelations one = {0};

		folders_add_object(&one, relation->objects[i]);
		discover_object(discovery, &one.items[0]);
		folders_free(&one);
	}
}

static void
discover_parts(const Discovery *discovery, const BucketRelation *relation, const char *signature)
{
	AttemptFailure failure = {0};
	Parts parts;
	bool fine = parts_survey(&parts, discovery->request, &discovery->source->bucket, relation, &failure);

	if (fine && (parts.are_alike || relation->partition_count > 0))
	{
		if (is_selected(discovery, relation->name))
			emit_found(discovery, relation, &parts.relation, relation->name, signature);
	}
	else if (relation->partition_count == 0)
		discover_each(discovery, relation);
	else if (is_selected(discovery, relation->name))
		skip_failed(discovery, relation, &failure);
	parts_free(&parts);
}

static void
discover_folder(const Discovery *discovery, const BucketRelation *relation)
{
	char signature[DIGEST_TEXT_BYTES];

	if ((relation->unreadable != NULL || relation->partition_count > 0) &&
		!is_selected(discovery, relation->name))
		return;
	write_signature(relation, signature);
	if (relation->unreadable != NULL)
		skip(discovery, relation, relation->unreadable);
	else if (!is_selected(discovery, relation->name) || !is_unchanged(discovery, relation, signature))
		discover_parts(discovery, relation, signature);
}

static void
emit_lake(const Discovery *discovery, const BucketRelation *relation, Survey *survey, const char *signature)
{
	emit_found(discovery, relation, &survey->found.items[0], relation->name, signature);
}

/* The table's own state tells whether it is another one, whatever objects lie beside it. */
static void
discover_lake(const Discovery *discovery, const BucketRelation *relation)
{
	char signature[DIGEST_TEXT_BYTES];
	AttemptFailure failure;
	Survey survey;

	if (!is_selected(discovery, relation->name))
		return;
	if (!survey_open_lake(&survey, discovery->request, &discovery->source->bucket, relation, &failure))
	{
		skip_failed(discovery, relation, &failure);
		return;
	}
	digest_of(survey.file.state, signature);
	if (is_unchanged(discovery, relation, signature))
		survey_end(&survey);
	else if (!survey_lake(&survey, &failure))
		skip_failed(discovery, relation, &failure);
	else
	{
		emit_lake(discovery, relation, &survey, signature);
		survey_end(&survey);
	}
}

static void
discover_relation(const Discovery *discovery, const BucketRelation *relation)
{
	if (relation->is_lake)
		discover_lake(discovery, relation);
	else if (relation->is_folder || relation->format == NULL)
		discover_folder(discovery, relation);
	else
		discover_object(discovery, relation);
}

/* ---- the bucket ---- */

static void
check_scope(const Request *request, const Source *source)
{
	char message[512];

	if (request->schema == NULL || strcmp(request->schema, source->bucket.name) == 0)
		return;
	snprintf(message, sizeof(message), "There is no schema \"%.200s\": that of this bucket is \"%s\".",
			 request->schema, source->bucket.name);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

static void
tell_unknown(int count)
{
	char message[96];

	if (count == 0)
		return;
	snprintf(message, sizeof(message), "%d objects are of no format that is known by the end of their key.",
			 count);
	emit_log("info", message);
}

const char *
discover(const Request *request, Source *source)
{
	Discovery discovery = {.request = request, .source = source};
	const char *signature = source_signature(request);
	const char *bucket = source->bucket.name;
	BucketRelations relations;
	Listing listing;

	check_scope(request, source);
	known_read(&discovery.known, request, signature);
	source_relations(source, &listing, &relations);
	emit_progress("read", relations.count);
	emit_schema(bucket, NULL, NULL);
	tell_unknown(relations.unknown);
	for (int i = 0; i < relations.count; i++)
		discover_relation(&discovery, &relations.items[i]);
	if (listing.has_more)
		emit_skipped(&(RelationFrame){.schema = bucket},
					 "It has more than 100,000 objects, of which the rest was not listed.");
	folders_free(&relations);
	listing_free(&listing);
	return request->signatures ? signature : NULL;
}
