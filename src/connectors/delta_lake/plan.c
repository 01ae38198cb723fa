#include "connectors/delta_lake/plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/schema.h"

typedef struct PlanField
{
	const char *name;   /* in the table */
	const char *stored; /* in the file */
	DeltaPlan *plan;    /* NULL: the file has no such field */
} PlanField;

typedef enum PlanKind
{
	PLAN_VALUE,
	PLAN_LIST,
	PLAN_MAP,
	PLAN_STRUCTURE
} PlanKind;

struct DeltaPlan
{
	PlanKind kind;
	bool is_plain;
	DeltaConversion conversion; /* of PLAN_VALUE */
	DeltaPlan *key;             /* of PLAN_MAP */
	DeltaPlan *element;         /* of PLAN_LIST; the value of PLAN_MAP */
	PlanField *fields;          /* of PLAN_STRUCTURE */
	int count;
};

/* What a plan is made of. */
typedef struct Making
{
	const Schema *schema;
	bool by_id;
	const char **refusal;
} Making;

/* ---- which field is which ---- */

static bool
has_ids(const Schema *schema, const int *nodes, int count)
{
	for (int i = 0; i < count; i++)
		if (schema->nodes[nodes[i]].element->has_id)
			return true;
	return false;
}

static int
find_id(const Schema *schema, const int *nodes, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
	{
		const SchemaElement *element = schema->nodes[nodes[i]].element;

		if (element->has_id && element->id == id)
			return i;
	}
	return -1;
}

/* Names that differ in case only are the same to the writers. */
static int
find_name(const Schema *schema, const int *nodes, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(schema->nodes[nodes[i]].element->name, name) == 0)
			return i;
	for (int i = 0; i < count; i++)
		if (strcasecmp(schema->nodes[nodes[i]].element->name, name) == 0)
			return i;
	return -1;
}

int
delta_plan_find(const Schema *schema, const int *nodes, int count, const JsonNode *field, bool by_id)
{
	int64_t id;

	if (by_id && delta_field_id(field, &id) && has_ids(schema, nodes, count))
		return find_id(schema, nodes, count, id);
	return find_name(schema, nodes, count, delta_field_physical_name(field));
}

/* ---- making ---- */

static DeltaPlan *make(const Making *making, const JsonNode *type, int node);

static DeltaPlan *
refuse(const Making *making, const char *refusal)
{
	*making->refusal = refusal;
	return NULL;
}

#define OTHER_TYPE "it has another type in this file than in the table"

static DeltaPlan *
begin(PlanKind kind)
{
	DeltaPlan *plan = allocate(sizeof(DeltaPlan));

	*plan = (DeltaPlan){.kind = kind, .is_plain = true};
	return plan;
}

/* Takes what is below the plan. Frees the plan, and returns NULL, if it could not be made. */
static DeltaPlan *
take(DeltaPlan *plan, DeltaPlan **place, DeltaPlan *below)
{
	if (plan == NULL)
		return NULL;
	*place = below;
	if (below == NULL)
	{
		delta_plan_free(plan);
		return NULL;
	}
	plan->is_plain = plan->is_plain && below->is_plain;
	return plan;
}

static DeltaPlan *
make_value(const Making *making, const char *type, int node)
{
	DeltaPlan *plan;
	DeltaConversion conversion;

	if (strcmp(type, "variant") == 0 || schema_shape(making->schema, node) == SHAPE_VARIANT)
		return refuse(making, "values of the type variant are not read");
	if (schema_shape(making->schema, node) != SHAPE_VALUE ||
		!delta_conversion_find(&conversion, type, making->schema->nodes[node].element))
		return refuse(making, OTHER_TYPE);
	plan = begin(PLAN_VALUE);
	plan->conversion = conversion;
	plan->is_plain = conversion.kind == CONVERT_NOT;
	return plan;
}

/* A repeated node that stands in no list is one itself. */
static DeltaPlan *
make_list(const Making *making, const JsonNode *type, int node)
{
	const Schema *schema = making->schema;
	DeltaPlan *plan;
	int element = node;

	if (schema_shape(schema, node) == SHAPE_LIST)
		element = schema_list_element(schema, node);
	else if (schema->nodes[node].element->repetition != REPEATED)
		return refuse(making, OTHER_TYPE);
	plan = begin(PLAN_LIST);
	return take(plan, &plan->element, make(making, json_member(type, "elementType"), element));
}

static DeltaPlan *
make_map(const Making *making, const JsonNode *type, int node)
{
	const Schema *schema = making->schema;
	DeltaPlan *plan;

	if (schema_shape(schema, node) != SHAPE_MAP || schema_map_value(schema, node) < 0)
		return refuse(making, OTHER_TYPE);
	plan = begin(PLAN_MAP);
	plan = take(plan, &plan->key, make(making, json_member(type, "keyType"), schema_map_key(node)));
	if (plan == NULL)
		return NULL;
	return take(plan, &plan->element,
				make(making, json_member(type, "valueType"), schema_map_value(schema, node)));
}

static int *
children_of(const Schema *schema, int node, int *count)
{
	int *children = allocate((size_t) (schema->nodes[node].element->child_count + 1) * sizeof(int));

	*count = 0;
	for (int child = node + 1; child < schema->nodes[node].end; child = schema_next(schema, child))
		children[(*count)++] = child;
	return children;
}

/* Takes the field from its place among the file's. Returns false if it cannot be read. */
static bool
make_field(const Making *making, DeltaPlan *plan, const JsonNode *field, const int *children, int count)
{
	int found = delta_plan_find(making->schema, children, count, field, making->by_id);
	PlanField *made = &plan->fields[plan->count];

	*made = (PlanField){.name = delta_field_name(field)};
	if (found >= 0)
	{
		made->stored = making->schema->nodes[children[found]].element->name;
		made->plan = make(making, json_member(field, "type"), children[found]);
		if (made->plan == NULL)
			return false;
	}
	plan->is_plain = plan->is_plain && found == plan->count && made->plan->is_plain &&
					 strcmp(made->name, made->stored) == 0;
	plan->count++;
	return true;
}

static DeltaPlan *
make_structure(const Making *making, const JsonNode *type, int node)
{
	const JsonNode *fields = json_member(type, "fields");
	DeltaPlan *plan;
	int count;
	int *children;
	bool is_made = true;

	if (schema_shape(making->schema, node) != SHAPE_STRUCTURE)
		return refuse(making, OTHER_TYPE);
	plan = begin(PLAN_STRUCTURE);
	plan->fields = allocate((size_t) (fields ? fields->count + 1 : 1) * sizeof(PlanField));
	children = children_of(making->schema, node, &count);
	for (const JsonNode *field = fields ? fields->first : NULL; field && is_made; field = field->next)
		is_made = make_field(making, plan, field, children, count);
	plan->is_plain = plan->is_plain && plan->count == count;
	free(children);
	if (is_made)
		return plan;
	delta_plan_free(plan);
	return NULL;
}

static DeltaPlan *
make(const Making *making, const JsonNode *type, int node)
{
	if (json_text(type))
		return make_value(making, json_text(type), node);
	if (delta_type_is(type, "array"))
		return make_list(making, type, node);
	if (delta_type_is(type, "map"))
		return make_map(making, type, node);
	return make_structure(making, type, node);
}

DeltaPlan *
delta_plan_make(const JsonNode *type, const Schema *schema, int node, bool by_id, const char **refusal)
{
	return make(&(Making){.schema = schema, .by_id = by_id, .refusal = refusal}, type, node);
}

bool
delta_plan_is_plain(const DeltaPlan *plan)
{
	return plan->is_plain;
}

void
delta_plan_free(DeltaPlan *plan)
{
	if (plan == NULL)
		return;
	for (int i = 0; i < plan->count; i++)
		delta_plan_free(plan->fields[i].plan);
	delta_plan_free(plan->key);
	delta_plan_free(plan->element);
	free(plan->fields);
	free(plan);
}

/* ---- writing ---- */

static void write_node(const DeltaPlan *plan, WireBuffer *out, const JsonNode *node);

/* Numbers stay numbers, unless JSON has none such. */
static void
write_value(const DeltaPlan *plan, WireBuffer *out, const JsonNode *node)
{
	WireBuffer text = {.data = NULL};

	delta_convert(&text, &plan->conversion, node->text, node->length);
	if (node->kind == JSON_NUMBER)
		wire_append(out, text.data, text.length);
	else
		wire_append_string(out, text.length > 0 ? text.data : "", text.length);
	wire_free(&text);
}

static void
write_list(const DeltaPlan *plan, WireBuffer *out, const JsonNode *node)
{
	document_literal(out, "[");
	for (const JsonNode *element = node->first; element; element = element->next)
	{
		if (element != node->first)
			document_literal(out, ",");
		write_node(plan->element, out, element);
	}
	document_literal(out, "]");
}

/* Keys are texts in JSON. */
static void
write_map(const DeltaPlan *plan, WireBuffer *out, const JsonNode *node)
{
	document_literal(out, "{");
	for (const JsonNode *pair = node->first; pair; pair = pair->next)
	{
		JsonNode key = {.kind = JSON_TEXT, .text = pair->name, .length = strlen(pair->name)};

		if (pair != node->first)
			document_literal(out, ",");
		if (plan->key->kind == PLAN_VALUE)
			write_value(plan->key, out, &key);
		else
			wire_append_string(out, key.text, key.length);
		document_literal(out, ":");
		write_node(plan->element, out, pair);
	}
	document_literal(out, "}");
}

static void
write_structure(const DeltaPlan *plan, WireBuffer *out, const JsonNode *node)
{
	document_literal(out, "{");
	for (int i = 0; i < plan->count; i++)
	{
		const PlanField *field = &plan->fields[i];
		const JsonNode *member = field->plan ? json_member(node, field->stored) : NULL;

		if (i > 0)
			document_literal(out, ",");
		document_string(out, field->name);
		document_literal(out, ":");
		if (member)
			write_node(field->plan, out, member);
		else
			document_literal(out, "null");
	}
	document_literal(out, "}");
}

static void
write_node(const DeltaPlan *plan, WireBuffer *out, const JsonNode *node)
{
	if (node->kind == JSON_NULL)
		document_literal(out, "null");
	else if (node->kind == JSON_TRUE)
		document_literal(out, "true");
	else if (node->kind == JSON_FALSE)
		document_literal(out, "false");
	else if (node->kind == JSON_ARRAY && plan->kind == PLAN_LIST)
		write_list(plan, out, node);
	else if (node->kind == JSON_OBJECT && plan->kind == PLAN_MAP)
		write_map(plan, out, node);
	else if (node->kind == JSON_OBJECT && plan->kind == PLAN_STRUCTURE)
		write_structure(plan, out, node);
	else
		write_value(plan, out, node);
}

void
delta_plan_write(const DeltaPlan *plan, WireBuffer *out, const char *text, size_t length)
{
	char fault[128];
	JsonTree *tree;

	if (plan->kind == PLAN_VALUE)
	{
		delta_convert(out, &plan->conversion, text, length);
		return;
	}
	tree = json_tree_read(text, length, fault, sizeof(fault));
	if (tree == NULL)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "A nested value of the Delta table cannot be read.",
						   .detail = fault});
	write_node(plan, out, json_tree_root(tree));
	json_tree_free(tree);
}
