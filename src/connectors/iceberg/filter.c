#include "connectors/iceberg/filter.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/bounds.h"
#include "connectors/common/memory.h"
#include "connectors/iceberg/partition.h"
#include "connectors/iceberg/scalar.h"

void
iceberg_filter_begin(IcebergFilter *filter, int conditions)
{
	*filter = (IcebergFilter){.count = 0};
	filter->conditions = allocate((size_t) (conditions + 1) * sizeof(IcebergCondition));
	filter->ids = allocate((size_t) (conditions + 1) * sizeof(int64_t));
}

void
iceberg_filter_end(IcebergFilter *filter)
{
	for (int i = 0; i < filter->count; i++)
		judge_end(&filter->conditions[i].judge);
	free(filter->conditions);
	free(filter->ids);
}

void
iceberg_filter_take(IcebergFilter *filter, const Condition *condition, int column, const char *type,
					const char *pg_type, int64_t id)
{
	IcebergCondition *taken = &filter->conditions[filter->count];

	*taken = (IcebergCondition){.type = type, .column = column};
	if (!judge_begin(&taken->judge, condition, pg_type))
		return;
	filter->ids[filter->count++] = id;
}

/* ---- partitions ---- */

bool
iceberg_part_write(WireBuffer *out, const IcebergPart *part, const char *type)
{
	AvroFile bytes = {.at = part->value.bytes, .end = part->value.bytes + part->value.length};
	IcebergScalar scalar;

	if (!part->is_there)
		return false;
	iceberg_scalar_take(&scalar, &bytes, part->type);
	return iceberg_scalar_write(out, type, &scalar);
}

/* All rows of the file have this value. */
static bool
part_passes(const IcebergCondition *condition, const IcebergPart *part)
{
	WireBuffer text = {.data = NULL};
	JudgedValue value = {.bytes = NULL};
	bool passes = true;

	if (part->type == NULL)
		return true;
	if (!part->is_there)
		return judge_passes(&condition->judge, &value);
	if (iceberg_part_write(&text, part, condition->type) && !text.failed)
	{
		value = (JudgedValue){.bytes = text.data ? text.data : "", .length = text.length};
		passes = judge_passes(&condition->judge, &value);
	}
	wire_free(&text);
	return passes;
}

/* ---- bounds ---- */

/* Bounds of floating numbers say nothing of NaN, and writers differ in the order of UUIDs. */
static bool
has_order(IcebergKind kind)
{
	switch (kind)
	{
		case ICEBERG_BOOLEAN:
		case ICEBERG_INT:
		case ICEBERG_LONG:
		case ICEBERG_DECIMAL:
		case ICEBERG_DATE:
		case ICEBERG_TIMESTAMP:
		case ICEBERG_TIMESTAMPTZ:
		case ICEBERG_TIMESTAMP_NS:
		case ICEBERG_TIMESTAMPTZ_NS:
		case ICEBERG_STRING:
			return true;
		default:
			return false;
	}
}

typedef struct Bound
{
	WireBuffer text;
	ComparedValue value;
} Bound;

static bool
read_bound(Bound *bound, const IcebergCondition *condition, AvroBytes bytes)
{
	IcebergScalar scalar;

	*bound = (Bound){.text = {.data = NULL}};
	return iceberg_scalar_read(&scalar, iceberg_kind(condition->type), bytes.bytes, bytes.length) &&
		   iceberg_scalar_write(&bound->text, condition->type, &scalar) && bound->text.length > 0 &&
		   compared_read(condition->judge.kind, bound->text.data, bound->text.length, &bound->value);
}

static bool
may_be_between(const IcebergCondition *condition, AvroBytes least, AvroBytes greatest)
{
	Bound low = {.text = {.data = NULL}};
	Bound high = {.text = {.data = NULL}};
	bool may = true;

	if (least.bytes == NULL || greatest.bytes == NULL || condition->type == NULL ||
		!has_order(iceberg_kind(condition->type)) || !bounds_can_refute(condition->judge.condition))
		return true;
	if (condition->judge.kind == COMPARED_TEXT)
		return bounds_may_hold_text(condition->judge.condition, (BoundText){least.bytes, least.length},
									(BoundText){greatest.bytes, greatest.length});
	if (read_bound(&low, condition, least) && read_bound(&high, condition, greatest))
		may = bounds_may_hold(&condition->judge, &low.value, &high.value);
	wire_free(&low.text);
	wire_free(&high.text);
	return may;
}

static bool
bounds_pass(const IcebergCondition *condition, const IcebergBounds *bounds, int64_t records)
{
	bool wants_null = condition->judge.condition->operation == CONDITION_NULL;

	if (wants_null)
		return bounds->nulls != 0;
	if (bounds->nulls >= 0 && bounds->nulls == bounds->values && bounds->values == records)
		return false;
	return may_be_between(condition, bounds->least, bounds->greatest);
}

bool
iceberg_filter_keeps_file(const IcebergFilter *filter, const IcebergFile *file)
{
	for (int i = 0; i < filter->count; i++)
	{
		const IcebergCondition *condition = &filter->conditions[i];

		if (!part_passes(condition, &file->parts[condition->column]) ||
			!bounds_pass(condition, &file->bounds[i], file->records))
			return false;
	}
	return true;
}

/* ---- manifests ---- */

static bool
summary_passes(const IcebergCondition *condition, const IcebergSummary *summary)
{
	if (condition->judge.condition->operation == CONDITION_NULL)
		return summary->may_have_null;
	return may_be_between(condition, (AvroBytes){summary->least, summary->least_length},
						  (AvroBytes){summary->greatest, summary->greatest_length});
}

bool
iceberg_filter_keeps_manifest(const IcebergFilter *filter, const IcebergManifest *manifest,
							  const IcebergMetadata *metadata)
{
	for (int i = 0; i < filter->count; i++)
	{
		int position;

		if (iceberg_identity_partition(metadata, manifest->spec, filter->ids[i], &position) !=
				NO_PARTITION_ID &&
			position < manifest->summary_count &&
			!summary_passes(&filter->conditions[i], &manifest->summaries[position]))
			return false;
	}
	return true;
}
