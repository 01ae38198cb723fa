#include "connectors/parquet/leaf.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

void
leaf_begin(Leaf *leaf, const Schema *schema, int node, const char *column)
{
	*leaf = (Leaf){.schema = schema,
				   .node = &schema->nodes[node],
				   .element = schema->nodes[node].element,
				   .column = column};
}

void
leaf_end(Leaf *leaf)
{
	pages_end(&leaf->pages);
	dictionary_free(&leaf->dictionary);
	decoder_end(&leaf->decoder);
}

void
leaf_fails(const Leaf *leaf, const char *what)
{
	give_up_column(leaf->schema->footer->file, leaf->column, "protocol", what);
}

void
leaf_open(Leaf *leaf, int group)
{
	const Footer *footer = leaf->schema->footer;
	const ColumnChunk *chunk = &footer->groups[group].chunks[leaf->node->leaf];

	dictionary_free(&leaf->dictionary);
	pages_begin(&leaf->pages, footer->file, leaf->column, chunk);
	leaf->chunk_left = chunk->value_count;
	leaf->page_left = 0;
	leaf->is_at_end = false;
}

/* ---- a page ---- */

static void
take_dictionary(Leaf *leaf, const PageHeader *header)
{
	const char *bytes = pages_unpack(&leaf->pages, header);

	dictionary_free(&leaf->dictionary);
	leaf->dictionary.length = (size_t) header->size;
	leaf->dictionary.bytes = allocate(leaf->dictionary.length + 1);
	memcpy(leaf->dictionary.bytes, bytes, leaf->dictionary.length);
	if (header->encoding != ENCODING_PLAIN && header->encoding != ENCODING_PLAIN_DICTIONARY)
		leaf_fails(leaf, "its dictionary has an encoding that is not known");
	if (!dictionary_make(&leaf->dictionary, leaf->element, (uint32_t) header->value_count))
		leaf_fails(leaf, "its dictionary is damaged");
}

static int
width_of_level(int level)
{
	int width = 0;

	while (level >> width)
		width++;
	return width;
}

/* Levels of the first version, which have their length before them. Returns what is behind them. */
static const char *
begin_levels(const Leaf *leaf, Runs *runs, int most, Encoding encoding, int32_t count, const char *bytes,
			 const char *end)
{
	int width = width_of_level(most);
	uint64_t packed = ((uint64_t) count * (uint64_t) width + 7) / 8;
	uint32_t length;

	if (most == 0)
	{
		runs_begin(runs, bytes, 0, 0);
		return bytes;
	}
	if (encoding == ENCODING_BIT_PACKED)
	{
		if (packed > (uint64_t) (end - bytes))
			leaf_fails(leaf, "the levels of a page are cut");
		runs_begin_backwards(runs, bytes, (size_t) packed, width);
		return bytes + packed;
	}
	if (encoding != ENCODING_RLE)
		leaf_fails(leaf, "the levels of a page have an encoding that is not known");
	if (end - bytes < 4)
		leaf_fails(leaf, "the levels of a page are cut");
	memcpy(&length, bytes, sizeof(length));
	if (length > (size_t) (end - bytes) - 4)
		leaf_fails(leaf, "the levels of a page are cut");
	runs_begin(runs, bytes + 4, length, width);
	return bytes + 4 + length;
}

static const char *
begin_page_levels(Leaf *leaf, const PageHeader *header, const char *bytes)
{
	const char *end = bytes + header->size;
	const char *at;

	if (header->kind == PAGE_DATA)
	{
		at = begin_levels(leaf, &leaf->repetitions, leaf->node->repetition, header->repetition_encoding,
						  header->value_count, bytes, end);
		return begin_levels(leaf, &leaf->definitions, leaf->node->definition, header->definition_encoding,
							header->value_count, at, end);
	}
	runs_begin(&leaf->repetitions, bytes, (size_t) header->repetition_length,
			   width_of_level(leaf->node->repetition));
	at = bytes + header->repetition_length;
	runs_begin(&leaf->definitions, at, (size_t) header->definition_length,
			   width_of_level(leaf->node->definition));
	return at + header->definition_length;
}

static void
take_page(Leaf *leaf, const PageHeader *header)
{
	const char *bytes = pages_unpack(&leaf->pages, header);
	const char *values = begin_page_levels(leaf, header, bytes);
	const char *fault = decoder_begin(&leaf->decoder, header->encoding, leaf->element, &leaf->dictionary,
									  values, (size_t) (bytes + header->size - values));

	if (fault)
		leaf_fails(leaf, fault);
	leaf->page_left = header->value_count;
	leaf->chunk_left -= header->value_count;
}

/* Pages are read until there is one with values. */
static bool
turn_page(Leaf *leaf)
{
	while (leaf->page_left == 0)
	{
		PageHeader header;

		if (leaf->chunk_left <= 0)
			return false;
		pages_next(&leaf->pages, &header);
		if (header.kind == PAGE_DICTIONARY)
			take_dictionary(leaf, &header);
		else if (header.kind == PAGE_DATA || header.kind == PAGE_DATA_2)
			take_page(leaf, &header);
	}
	return true;
}

void
leaf_next(Leaf *leaf)
{
	leaf->repetition = 0;
	if (leaf->page_left == 0 && !turn_page(leaf))
	{
		leaf->is_at_end = true;
		return;
	}
	leaf->page_left--;
	leaf->repetition = (int) runs_next(&leaf->repetitions);
	leaf->definition = (int) runs_next(&leaf->definitions);
	if (leaf->definitions.has_failed || leaf->repetitions.has_failed ||
		leaf->definition > leaf->node->definition || leaf->repetition > leaf->node->repetition)
		leaf_fails(leaf, "the levels of a page are damaged");
	if (!leaf_is_null(leaf) && !decoder_next(&leaf->decoder, &leaf->value))
		leaf_fails(leaf, "the values of a page are damaged");
}
