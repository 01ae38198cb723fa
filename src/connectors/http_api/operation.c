#include "connectors/http_api/operation.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/memory.h"

/* Of several arrays of objects in an answer, the first of these names has the rows. */
static const char *const usual_members[] = {"data",   "items",   "results", "value",
											"values", "records", "rows",    "entries"};

/* ---- parameters ---- */

static bool
is_replaced(const ApiOperation *operation, const char *name, const char *in)
{
	for (int i = 0; i < operation->parameter_count; i++)
		if (strcmp(operation->parameters[i].name, name) == 0 && strcmp(operation->parameters[i].in, in) == 0)
			return true;
	return false;
}

static void
add_parameter(ApiOperation *operation, ApiPlace reference)
{
	ApiPlace place = api_follow(operation->api, reference);
	const char *referred = json_member_text(reference.node, "$ref");
	const char *name = json_member_text(place.node, "name");
	const char *in = json_member_text(place.node, "in");
	const JsonNode *schema = json_member(place.node, "schema");
	Parameter *added;

	if (name == NULL || in == NULL || strcmp(in, "body") == 0 || strcmp(in, "formData") == 0 ||
		is_replaced(operation, name, in))
		return;
	operation->parameters =
		reallocate(operation->parameters, (size_t) (operation->parameter_count + 1) * sizeof(Parameter));
	added = &operation->parameters[operation->parameter_count++];
	*added = (Parameter){.name = name,
						 .in = in,
						 .place = strcmp(in, "path") == 0    ? PARAMETER_PATH
								  : strcmp(in, "query") == 0 ? PARAMETER_QUERY
															 : PARAMETER_ELSEWHERE,
						 .is_required = json_member_is_true(place.node, "required")};
	added->is_required |= added->place == PARAMETER_PATH;
	added->is_row_filter = referred != NULL && strncmp(referred, "#/parameters/rowFilter.", 23) == 0;
	schemas_add(&added->schema, (ApiPlace){.document = place.document, .node = schema ? schema : place.node});
	added->own = schema ? schema : place.node;
}

/* Those of the operation come before those of its path, which they replace. */
static void
add_parameters(ApiOperation *operation, ApiPlace owner)
{
	const JsonNode *list = json_member(owner.node, "parameters");

	for (const JsonNode *each = list && list->kind == JSON_ARRAY ? list->first : NULL; each;
		 each = each->next)
		add_parameter(operation, (ApiPlace){.document = owner.document, .node = each});
}

/* The parts of the path that stand for values, of which the document says nothing else: they are texts. */
static void
add_undeclared(ApiOperation *operation)
{
	for (const char *at = strchr(operation->path, '{'); at != NULL; at = strchr(at + 1, '{'))
	{
		size_t length = strcspn(at + 1, "{}");
		char *name;

		if (length == 0 || at[length + 1] != '}')
			continue;
		name = allocate(length + 1);
		memcpy(name, at + 1, length);
		name[length] = '\0';
		if (is_replaced(operation, name, "path"))
		{
			free(name);
			continue;
		}
		operation->parameters =
			reallocate(operation->parameters, (size_t) (operation->parameter_count + 1) * sizeof(Parameter));
		operation->parameters[operation->parameter_count++] = (Parameter){
			.name = name, .own_name = name, .in = "path", .place = PARAMETER_PATH, .is_required = true};
	}
}

const Parameter *
operation_parameter(const ApiOperation *operation, const char *name)
{
	for (int i = 0; i < operation->parameter_count; i++)
		if (operation->parameters[i].place == PARAMETER_QUERY &&
			strcmp(operation->parameters[i].name, name) == 0)
			return &operation->parameters[i];
	return NULL;
}

/* ---- the answer ---- */

/* JSON, or anything. */
static int
rank_of_media_type(const char *name)
{
	size_t length = strcspn(name, "; ");

	if (length == 16 && strncasecmp(name, "application/json", length) == 0)
		return 3;
	if (length > 5 && strncasecmp(name + length - 5, "+json", 5) == 0)
		return 2;
	return length == 3 && memcmp(name, "*/*", 3) == 0 ? 1 : 0;
}

static bool
has_json(const JsonNode *list)
{
	if (list == NULL || list->kind != JSON_ARRAY || list->count == 0)
		return true;
	for (const JsonNode *each = list->first; each; each = each->next)
		if (json_text(each) != NULL && rank_of_media_type(each->text) > 0)
			return true;
	return false;
}

/* The response of a success. */
static ApiPlace
find_response(Api *api, ApiPlace get)
{
	ApiPlace responses = api_member(api, get, "responses");
	const JsonNode *found = json_member(responses.node, "200");

	for (const JsonNode *each = responses.node && responses.node->kind == JSON_OBJECT ? responses.node->first
																					  : NULL;
		 each && found == NULL; each = each->next)
		if (each->name[0] == '2' && each->kind == JSON_OBJECT && strcmp(each->name, "204") != 0)
			found = each;
	if (found == NULL)
		found = json_member(responses.node, "default");
	return api_follow(api, (ApiPlace){.document = responses.document, .node = found});
}

/* Returns false if the answer is no JSON. The place is nowhere if the document does not say what it is. */
static bool
find_answer(Api *api, ApiPlace get, ApiPlace *schema)
{
	ApiPlace response = find_response(api, get);
	ApiPlace content;
	const JsonNode *best = NULL;
	int best_rank = 0;

	*schema = (ApiPlace){.document = response.document};
	if (response.node == NULL)
		return false;
	if (api->version == OPENAPI_2_0)
	{
		const JsonNode *produces = json_member(get.node, "produces");

		schema->node = json_member(response.node, "schema");
		return has_json(produces ? produces : json_member(api_root(api).node, "produces"));
	}
	content = api_member(api, response, "content");
	for (const JsonNode *each = content.node && content.node->kind == JSON_OBJECT ? content.node->first
																				  : NULL;
		 each; each = each->next)
		if (rank_of_media_type(each->name) > best_rank)
		{
			best = each;
			best_rank = rank_of_media_type(each->name);
		}
	schema->document = content.document;
	schema->node = json_member(best, "schema");
	return best != NULL;
}

/* ---- rows ---- */

static bool
is_array_of_objects(Api *api, const Schemas *schemas)
{
	ShapeWalk walk = {0};
	Shape shape;
	Shape element;
	bool is_one;

	shape_make(&shape, api, schemas, &walk);
	is_one = shape.types == SHAPE(SHAPE_ARRAY) && shape.elements.count > 0;
	if (is_one)
	{
		shape_make(&element, api, &shape.elements, &walk);
		is_one = element.types == SHAPE(SHAPE_OBJECT);
		shape_free(&element);
	}
	shape_free(&shape);
	shape_walk_end(&walk);
	return is_one;
}

static const ShapeProperty *
choose(Api *api, const Shape *shape)
{
	const ShapeProperty *found = NULL;
	int count = 0;

	for (int i = 0; i < shape->property_count; i++)
		if (is_array_of_objects(api, &shape->properties[i].schemas))
		{
			found = &shape->properties[i];
			count++;
		}
	for (size_t name = 0; count > 1 && name < sizeof(usual_members) / sizeof(*usual_members); name++)
		for (int i = 0; i < shape->property_count; i++)
			if (strcmp(shape->properties[i].name, usual_members[name]) == 0 &&
				is_array_of_objects(api, &shape->properties[i].schemas))
				return &shape->properties[i];
	return count == 1 ? found : NULL;
}

/* A path that ends in a parameter names one thing, of which an array is a part. */
static bool
is_of_one(const char *path)
{
	size_t length = strlen(path);

	return length > 0 && path[length - 1] == '}';
}

static void
copy_schemas(Schemas *to, const Schemas *from)
{
	for (int i = 0; i < from->count; i++)
		schemas_add(to, from->items[i].place);
}

static void
find_rows(ApiOperation *operation, ApiPlace answer)
{
	Schemas whole = {0};
	ShapeWalk walk = {0};
	const ShapeProperty *property;
	Shape shape;

	if (answer.node == NULL)
		return;
	schemas_add(&whole, answer);
	shape_make(&shape, operation->api, &whole, &walk);
	property = shape.types == SHAPE(SHAPE_OBJECT) && !is_of_one(operation->path)
				   ? choose(operation->api, &shape)
				   : NULL;
	if (shape.types == SHAPE(SHAPE_ARRAY))
		copy_schemas(&operation->row, &shape.elements);
	else if (property != NULL)
	{
		Shape list;

		operation->member = property->name;
		shape_make(&list, operation->api, &property->schemas, &walk);
		copy_schemas(&operation->row, &list.elements);
		shape_free(&list);
	}
	else
		copy_schemas(&operation->row, &whole);
	shape_free(&shape);
	schemas_free(&whole);
	shape_walk_end(&walk);
}

/* ---- operations ---- */

char *
schema_of_path(const char *path)
{
	size_t length;

	while (*path == '/')
		path++;
	length = strcspn(path, "/?");
	if (length == 0 || *path == '{')
		return copy_text("default");
	char *name = allocate(length + 1);

	memcpy(name, path, length);
	name[length] = '\0';
	return name;
}

static char *
schema_of(const JsonNode *get, const char *path)
{
	const JsonNode *tags = json_member(get, "tags");
	const char *tag = tags && tags->kind == JSON_ARRAY ? json_text(tags->first) : NULL;

	return tag != NULL && *tag != '\0' ? copy_text(tag) : schema_of_path(path);
}

bool
operation_open(ApiOperation *operation, Api *api, const JsonNode *path)
{
	ApiPlace item = api_follow(api, (ApiPlace){.document = 0, .node = path});
	ApiPlace get = api_member(api, item, "get");
	ApiPlace answer;

	*operation = (ApiOperation){.api = api, .path = path->name, .get = get.node};
	if (path->name[0] != '/' || get.node == NULL || get.node->kind != JSON_OBJECT ||
		!find_answer(api, get, &answer))
		return false;
	operation->schema = schema_of(get.node, path->name);
	add_parameters(operation, get);
	add_parameters(operation, item);
	add_undeclared(operation);
	find_rows(operation, answer);
	return true;
}

void
operation_free(ApiOperation *operation)
{
	for (int i = 0; i < operation->parameter_count; i++)
	{
		schemas_free(&operation->parameters[i].schema);
		free(operation->parameters[i].own_name);
	}
	free(operation->parameters);
	schemas_free(&operation->row);
	free(operation->schema);
}

const JsonNode *
operation_paths(Api *api)
{
	ApiPlace paths = api_member(api, api_root(api), "paths");

	return paths.document == 0 && paths.node && paths.node->kind == JSON_OBJECT ? paths.node : NULL;
}

bool
operation_find(ApiOperation *operation, Api *api, const char *schema, const char *path)
{
	const JsonNode *found = json_member(operation_paths(api), path);

	if (found == NULL || !operation_open(operation, api, found))
		return false;
	if (strcmp(operation->schema, schema) == 0)
		return true;
	operation_free(operation);
	return false;
}
