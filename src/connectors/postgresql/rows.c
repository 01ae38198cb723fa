/*
 * rows.c — sorted results, and arrays in binary form.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/postgresql/rows.h"

/* Dimensions, a flag, the element type; then length and lower bound of the only dimension. */
#define ARRAY_HEADER    12
#define ARRAY_DIMENSION 8

void
give_up_malformed(void)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server sent a value that does not have the form of its type."});
}

const char *
id_text(ObjectId id, IdText text)
{
	snprintf(text, sizeof(IdText), "%" PRIu32, id);
	return text;
}

ObjectId
id_of_text(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	return *end == '\0' && *text >= '1' && *text <= '9' && value <= UINT32_MAX ? (ObjectId) value : 0;
}

static int32_t
read_int4(const unsigned char *bytes)
{
	return (int32_t) ((uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 |
					  bytes[3]);
}

Elements
row_elements(const PGresult *result, int row, int column)
{
	const unsigned char *bytes = (const unsigned char *) PQgetvalue(result, row, column);
	int length = PQgetlength(result, row, column);
	Elements elements = {bytes, bytes + length, 0};

	if (row_is_null(result, row, column))
		return elements;
	if (length < ARRAY_HEADER)
		give_up_malformed();
	if (read_int4(bytes) == 0)
		return elements;
	if (read_int4(bytes) != 1 || length < ARRAY_HEADER + ARRAY_DIMENSION)
		give_up_malformed();
	elements.at += ARRAY_HEADER + ARRAY_DIMENSION;
	elements.left = read_int4(bytes + ARRAY_HEADER);
	return elements;
}

bool
next_element(Elements *elements, Element *element)
{
	if (elements->left <= 0)
		return false;
	if (elements->end - elements->at < 4)
		give_up_malformed();
	element->length = read_int4(elements->at);
	element->bytes = (const char *) elements->at + 4;
	/* A null element has the length -1; no array that is asked for holds nulls. */
	if (element->length < 0 || elements->end - elements->at - 4 < element->length)
		give_up_malformed();
	elements->at += 4 + element->length;
	elements->left--;
	return true;
}

int64_t
element_integer(Element element)
{
	const unsigned char *bytes = (const unsigned char *) element.bytes;

	if (element.length == 2)
		return (int16_t) (bytes[0] << 8 | bytes[1]);
	if (element.length != 4)
		give_up_malformed();
	return (uint32_t) read_int4(bytes);
}

void
row_numbers(const PGresult *result, int row, int column, Numbers *numbers)
{
	Elements elements = row_elements(result, row, column);
	Element element;

	numbers->count = 0;
	while (next_element(&elements, &element))
	{
		if (numbers->count == MAX_KEY_COLUMNS)
			give_up_malformed();
		numbers->values[numbers->count++] = element_integer(element);
	}
}

static int
compare_rows(const PGresult *result, RowOrder order, int a, int b)
{
	ObjectId relation_a = row_oid(result, a, 0);
	ObjectId relation_b = row_oid(result, b, 0);

	if (relation_a != relation_b)
		return relation_a < relation_b ? -1 : 1;
	if (order == BY_NUMBER)
		return row_int2(result, a, 1) - row_int2(result, b, 1);
	if (order == BY_NAME)
		return strcmp(row_name(result, a, 1), row_name(result, b, 1));
	return 0;
}

typedef struct Sorting
{
	const PGresult *result;
	RowOrder order;
} Sorting;

static int
compare_sorted(const void *a, const void *b, void *argument)
{
	const Sorting *sorting = argument;

	return compare_rows(sorting->result, sorting->order, *(const int *) a, *(const int *) b);
}

static bool
is_in_order(const PGresult *result, RowOrder order)
{
	int count = PQntuples(result);

	for (int row = 1; row < count; row++)
		if (compare_rows(result, order, row - 1, row) > 0)
			return false;
	return true;
}

void
rowlist_take(RowList *list, PGresult *result, RowOrder order)
{
	Sorting sorting = {result, order};

	*list = (RowList){.result = result, .count = result ? PQntuples(result) : 0};
	/* Usually in order already: the server reads by index, and is not asked to sort. */
	if (list->count == 0 || is_in_order(result, order))
		return;
	list->order = allocate((size_t) list->count * sizeof(int));
	for (int row = 0; row < list->count; row++)
		list->order[row] = row;
	qsort_r(list->order, (size_t) list->count, sizeof(int), compare_sorted, &sorting);
}

void
rowlist_clear(RowList *list)
{
	PQclear(list->result);
	free(list->order);
	*list = (RowList){0};
}

int
rowlist_seek(RowList *list, ObjectId relation, int *end)
{
	int first;

	while (list->at < list->count && row_oid(list->result, rowlist_row(list, list->at), 0) < relation)
		list->at++;
	first = list->at;
	while (list->at < list->count && row_oid(list->result, rowlist_row(list, list->at), 0) == relation)
		list->at++;
	*end = list->at;
	return first;
}
