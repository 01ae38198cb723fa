/*
 * pipeline.c — the source has no transaction that only reads. So only the commands find and aggregate are
 * sent, with arguments and stages from lists; and nowhere in them, not even in a value, may stand the name of
 * what writes or runs JavaScript.
 */
#include "connectors/mongodb/pipeline.h"

#include <stdio.h>
#include <string.h>

/* Documents of the source are nested less deep. */
#define MOST_NESTING 100

static const char *const find_arguments[] = {
	"filter", "sort", "projection", "skip",         "limit",   "hint",         "let", "collation",
	"min",    "max",  "returnKey",  "showRecordId", "comment", "allowDiskUse", NULL};
static const char *const aggregate_arguments[] = {"pipeline", "collation",    "hint", "let",
												  "comment",  "allowDiskUse", NULL};

static const char *const stages[] = {
	"$addFields",    "$bucket", "$bucketAuto",  "$collStats",   "$count",  "$densify",
	"$facet",        "$fill",   "$geoNear",     "$graphLookup", "$group",  "$indexStats",
	"$limit",        "$lookup", "$match",       "$project",     "$redact", "$replaceRoot",
	"$replaceWith",  "$sample", "$search",      "$searchMeta",  "$set",    "$setWindowFields",
	"$skip",         "$sort",   "$sortByCount", "$unionWith",   "$unset",  "$unwind",
	"$vectorSearch", NULL};

static const char *const forbidden[] = {"$out",  "$merge",     "$function",     "$accumulator", "$where",
										"$eval", "$mapReduce", "$changeStream", "$currentOp",   NULL};

static bool
is_among(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

static bool
fail(PipelineFault *fault, const char *message, const char *hint, const char *name)
{
	fault->message = message;
	fault->hint = hint;
	snprintf(fault->name, sizeof(fault->name), "%s", name);
	return false;
}

/* ---- names at any depth ---- */

static bool
check_names(bson_iter_t *members, int depth, PipelineFault *fault)
{
	if (depth > MOST_NESTING)
		return fail(fault, "The query is nested too deep.", NULL, "");
	while (bson_iter_next(members))
	{
		bson_iter_t inner;

		if (is_among(bson_iter_key(members), forbidden))
			return fail(
				fault, "The query would write, or run JavaScript.",
				"Queries only read: stages such as $out and $merge, and $function, $accumulator and $where are "
				"refused.",
				bson_iter_key(members));
		if (BSON_ITER_HOLDS_CODE(members) || BSON_ITER_HOLDS_CODEWSCOPE(members))
			return fail(fault, "The query holds JavaScript.", NULL, bson_iter_key(members));
		if ((BSON_ITER_HOLDS_DOCUMENT(members) || BSON_ITER_HOLDS_ARRAY(members)) &&
			(!bson_iter_recurse(members, &inner) || !check_names(&inner, depth + 1, fault)))
			return false;
	}
	return true;
}

/* ---- stages ---- */

static bool check_pipeline(const bson_iter_t *pipeline, PipelineFault *fault);

/* Those of $lookup, $unionWith and $facet. */
static bool
check_inner_pipelines(const bson_iter_t *stage, PipelineFault *fault)
{
	bool is_facet = strcmp(bson_iter_key(stage), "$facet") == 0;
	bson_iter_t member;

	if (!BSON_ITER_HOLDS_DOCUMENT(stage) || !bson_iter_recurse(stage, &member))
		return true;
	while (bson_iter_next(&member))
		if ((is_facet || strcmp(bson_iter_key(&member), "pipeline") == 0) && BSON_ITER_HOLDS_ARRAY(&member) &&
			!check_pipeline(&member, fault))
			return false;
	return true;
}

static bool
check_stage(const bson_iter_t *element, PipelineFault *fault)
{
	bson_iter_t stage;

	if (!BSON_ITER_HOLDS_DOCUMENT(element) || !bson_iter_recurse(element, &stage))
		return fail(fault, "A stage of the pipeline is no object.", NULL, "");
	while (bson_iter_next(&stage))
		if (!is_among(bson_iter_key(&stage), stages))
			return fail(fault, "A stage of the pipeline is not known to read only.", NULL,
						bson_iter_key(&stage));
		else if (!check_inner_pipelines(&stage, fault))
			return false;
	return true;
}

static bool
check_pipeline(const bson_iter_t *pipeline, PipelineFault *fault)
{
	bson_iter_t element;

	if (!BSON_ITER_HOLDS_ARRAY(pipeline) || !bson_iter_recurse(pipeline, &element))
		return fail(fault, "The pipeline is no array.", NULL, "pipeline");
	while (bson_iter_next(&element))
		if (!check_stage(&element, fault))
			return false;
	return true;
}

/* ---- the command ---- */

static const char form[] =
	"A query is a command in MongoDB's extended JSON: {\"find\": \"orders\", \"filter\": {…}} or "
	"{\"aggregate\": \"orders\", \"pipeline\": [{\"$match\": {…}}, …]}.";

static bool
check_command(bson_iter_t *member, const char *const **arguments, PipelineFault *fault)
{
	if (!bson_iter_next(member))
		return fail(fault, "The query is empty.", form, "");
	if (strcmp(bson_iter_key(member), "find") == 0)
		*arguments = find_arguments;
	else if (strcmp(bson_iter_key(member), "aggregate") == 0)
		*arguments = aggregate_arguments;
	else
		return fail(fault, "The query is neither find nor aggregate.", form, bson_iter_key(member));
	if (!BSON_ITER_HOLDS_UTF8(member) || bson_iter_utf8(member, NULL)[0] == '\0')
		return fail(fault, "The query names no collection.", form, bson_iter_key(member));
	return true;
}

bool
pipeline_check(const bson_t *command, PipelineFault *fault)
{
	const char *const *arguments;
	bool has_pipeline = false;
	bson_iter_t member;

	if (!bson_iter_init(&member, command) || !check_names(&member, 0, fault) ||
		!bson_iter_init(&member, command) || !check_command(&member, &arguments, fault))
		return false;
	while (bson_iter_next(&member))
	{
		bool is_pipeline = strcmp(bson_iter_key(&member), "pipeline") == 0;

		if (!is_among(bson_iter_key(&member), arguments))
			return fail(fault, "The query has a member that is not taken.", form, bson_iter_key(&member));
		if (is_pipeline && !check_pipeline(&member, fault))
			return false;
		has_pipeline |= is_pipeline;
	}
	if (arguments == aggregate_arguments && !has_pipeline)
		return fail(fault, "The query has no pipeline.", form, "");
	return true;
}
