/*
 * layout.c — tries each dialect on the first rows. The best one gives most rows the same number of fields, no
 * field text behind its closing quote, and many fields a type other than text.
 */
#include "connectors/csv/layout.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/files/infer.h"

/* Rows that are looked at, and fields of each whose type is. */
#define MOST_ROWS   1000
#define MOST_TYPED  64
#define MOST_COMMON 10000

/* The first ones are preferred; the others are taken only if none of these makes a table. */
static const char delimiters[] = {',', ';', '\t', '|', ':', '~', '^', ' '};

#define USUAL_DELIMITERS 4

/* A table of the usual delimiters must be so regular that no other one is tried. */
#define REGULAR 0.8
/* And so regular must be what other ones make. */
#define VERY_REGULAR 0.95

/* One column is worth little, unless its values have a type: dates and times have delimiters in them. */
#define ONE_COLUMN   0.05
#define TYPED_COLUMN 0.9

/* What a dialect makes of the first rows. */
typedef struct Trial
{
	Dialect dialect;
	int counts[MOST_ROWS]; /* fields of each row; 0: blank; -1: a comment */
	size_t starts[MOST_ROWS];
	int rows;
	int quoted;
	int odd;
	bool is_unclosed;
	int64_t cells;
	int64_t typed;
	int width;
	int first;      /* the row at which the table begins */
	double regular; /* share of rows from the first on that have the width */
	double score;
} Trial;

static Record record;

static void
count_types(Trial *trial, const Record *row, bool with_comma)
{
	for (int i = 0; i < row->count && i < MOST_TYPED; i++)
	{
		const char *text = row->fields[i].bytes;
		size_t length = row->fields[i].length;
		InferredTypes types;

		infer_trim(&text, &length);
		if (length == 0)
			continue;
		types = infer_value(text, length);
		if (!with_comma)
			types &= ~((InferredTypes) 1 << INFERRED_DECIMAL_COMMA);
		trial->cells++;
		trial->typed += (types & (((InferredTypes) 1 << INFERRED_TEXT) - 1)) != 0;
	}
}

static void
take_row(Trial *trial, const Record *row)
{
	bool with_comma = row->count > 1 && (trial->dialect.delimiter == ';' || trial->dialect.delimiter == '\t');
	bool is_comment =
		row->fields[0].length > 0 && row->fields[0].bytes[0] == '#' && !row->fields[0].is_quoted;

	trial->counts[trial->rows] = record_is_blank(row) ? 0 : is_comment ? -row->count : row->count;
	trial->is_unclosed |= row->is_unclosed;
	for (int i = 0; i < row->count; i++)
	{
		trial->quoted += row->fields[i].is_quoted;
		trial->odd += row->fields[i].is_odd;
	}
	if (!is_comment)
		count_types(trial, row, with_comma);
}

static void
read_rows(Trial *trial, char *bytes, size_t length, bool at_end)
{
	size_t offset = 0;

	while (trial->rows < MOST_ROWS && offset < length)
	{
		size_t taken = record_find(&trial->dialect, bytes + offset, length - offset, at_end, &record);

		/* A row that is cut counts only if it is the only one. */
		if (taken == 0)
		{
			trial->is_unclosed |= record.is_unclosed && trial->rows < 2;
			if (trial->rows > 0)
				break;
			taken = record_find(&trial->dialect, bytes, length, true, &record);
		}
		take_row(trial, &record);
		trial->starts[trial->rows++] = offset;
		offset += taken;
	}
}

/* The number of fields that most rows have; of two that are as frequent, the larger one. */
static int
modal_width(const Trial *trial)
{
	int *frequency;
	int most = 1;
	int best = 1;

	for (int i = 0; i < trial->rows; i++)
		most = trial->counts[i] > most ? trial->counts[i] : most;
	frequency = allocate((size_t) (most + 1) * sizeof(int));
	memset(frequency, 0, (size_t) (most + 1) * sizeof(int));
	for (int i = 0; i < trial->rows; i++)
		if (trial->counts[i] > 0)
			frequency[trial->counts[i]]++;
	for (int i = 2; i <= most; i++)
		if (frequency[i] > 0 && frequency[i] >= frequency[best])
			best = i;
	free(frequency);
	return best;
}

static double
share_from(const Trial *trial, int first)
{
	int rows = 0;
	int good = 0;

	for (int i = first; i < trial->rows; i++)
	{
		rows += trial->counts[i] > 0;
		good += trial->counts[i] == trial->width;
	}
	return rows == 0 ? 0 : (double) good / rows;
}

/* Rows before the first one of the width are a preamble, if they have fewer fields. */
static void
find_beginning(Trial *trial)
{
	int first = 0;

	while (first < trial->rows && trial->counts[first] <= 0 && trial->counts[first] != -trial->width)
		first++;
	for (int i = first; trial->width > 1 && i < trial->rows && i < trial->rows / 2 + 1; i++)
	{
		if (abs(trial->counts[i]) == trial->width)
		{
			first = i;
			break;
		}
		if (abs(trial->counts[i]) > 1 && trial->counts[i] * 2 > trial->width)
			break; /* a short or long header is one */
	}
	trial->first = first;
}

static bool
is_unusual(char delimiter)
{
	return memchr(delimiters + USUAL_DELIMITERS, delimiter, sizeof(delimiters) - USUAL_DELIMITERS) != NULL;
}

static void
judge(Trial *trial)
{
	double typed;
	double odd;

	trial->width = modal_width(trial);
	find_beginning(trial);
	trial->regular = share_from(trial, trial->first);
	typed = trial->cells == 0 ? 0 : (double) trial->typed / (double) trial->cells;
	odd = trial->quoted + trial->odd == 0 ? 0 : (double) trial->odd / (trial->quoted + trial->odd);
	trial->score = trial->width == 1 ? ONE_COLUMN + TYPED_COLUMN * typed
									 : trial->regular * trial->regular * (0.7 + 0.3 * typed);
	if (trial->width > 1)
		trial->score *= (1 - 0.3 / trial->width) * (1 - 0.3 * trial->first / trial->rows);
	if (is_unusual(trial->dialect.delimiter) && (trial->first > 1 || trial->regular < VERY_REGULAR))
		trial->score *= 0.1;
	trial->score *= 1 - 0.5 * odd;
	if (trial->is_unclosed)
		trial->score *= 0.2;
}

/* Returns whether fields are quoted as the dialect says, without an exception. */
static bool
try_dialect(Trial *best, const Dialect *dialect, char *bytes, size_t length, bool at_end)
{
	static Trial trial;

	memset(&trial, 0, sizeof(trial));
	trial.dialect = *dialect;
	read_rows(&trial, bytes, length, at_end);
	judge(&trial);
	/* Quotes other than the usual one must be there to be believed. */
	if (dialect->quote == '\'' && trial.quoted == 0)
		return false;
	if (dialect->quote == 0)
		trial.score *= 0.95;
	if (dialect->quote == '\'')
		trial.score *= 0.97;
	if (best->rows == 0 || trial.score > best->score * 1.0001)
		*best = trial;
	return trial.quoted > 0 && trial.odd == 0 && !trial.is_unclosed;
}

static bool
has_pair(const char *bytes, size_t length, char first, char second)
{
	for (const char *at = memchr(bytes, first, length); at;
		 at = memchr(at, first, length - (size_t) (at - bytes)))
	{
		if ((size_t) (at + 1 - bytes) < length && at[1] == second)
			return true;
		at++;
	}
	return false;
}

static void
try_quotes(Trial *best, char delimiter, const LayoutWishes *wishes, char *bytes, size_t length, bool at_end)
{
	static const char quotes[] = {'"', '\'', '\0'};
	bool is_sure = false;

	for (size_t i = 0; i < sizeof(quotes) && !is_sure; i++)
	{
		Dialect dialect = {delimiter, quotes[i], quotes[i]};

		if ((wishes->quote && quotes[i] != wishes->quote) || (wishes->no_quote && quotes[i] != '\0') ||
			(quotes[i] && !wishes->quote && quotes[i] != '"' && memchr(bytes, quotes[i], length) == NULL))
			continue;
		is_sure = try_dialect(best, &dialect, bytes, length, at_end);
		dialect.escape = '\\';
		if (quotes[i] && has_pair(bytes, length, '\\', quotes[i]))
			is_sure |= try_dialect(best, &dialect, bytes, length, at_end);
	}
}

/* sep=; as some programs write it on the first line. Returns its length, or 0. */
static size_t
separator_line(const char *bytes, size_t length, char *delimiter)
{
	size_t start = length > 0 && bytes[0] == '"' ? 1 : 0;
	size_t end = start + 5;

	if (length < end || memcmp(bytes + start, "sep=", 4) != 0)
		return 0;
	*delimiter = bytes[start + 4];
	end += start;
	while (end < length && bytes[end] == '\r')
		end++;
	return end < length && bytes[end] == '\n' ? end + 1 : 0;
}

static void
choose(Trial *best, const LayoutWishes *wishes, char *bytes, size_t length, bool at_end)
{
	memset(best, 0, sizeof(*best));
	if (wishes->delimiter)
	{
		try_quotes(best, wishes->delimiter, wishes, bytes, length, at_end);
		return;
	}
	for (size_t i = 0; i < sizeof(delimiters); i++)
	{
		if (i == USUAL_DELIMITERS && best->width > 1 && best->regular >= REGULAR)
			break;
		if (i == 0 || memchr(bytes, delimiters[i], length) != NULL)
			try_quotes(best, delimiters[i], wishes, bytes, length, at_end);
	}
}

/* ---- the header ---- */

/* What the columns have below the first row, and its own cells. */
typedef struct HeaderCheck
{
	Inference *below;
	char **names;
	int width;
	int rows;
	bool is_repeated; /* a cell stands below itself */
} HeaderCheck;

static char *
trimmed_copy(const Dialect *dialect, Field *field)
{
	char *copy = allocate(field->length + 1);
	Field own = *field;
	const char *text;

	memcpy(copy, field->bytes, field->length);
	own.bytes = copy;
	field_unescape(dialect, &own);
	text = copy;
	infer_trim(&text, &own.length);
	memmove(copy, text, own.length);
	copy[own.length] = '\0';
	return copy;
}

static void
look_below(HeaderCheck *check, const Dialect *dialect, Record *row)
{
	for (int i = 0; i < row->count && i < check->width; i++)
	{
		const char *text = row->fields[i].bytes;
		size_t length = row->fields[i].length;

		infer_add(&check->below[i], text, length);
		infer_trim(&text, &length);
		if (length > 0 && strlen(check->names[i]) == length && memcmp(check->names[i], text, length) == 0)
			check->is_repeated = true;
	}
	(void) dialect;
}

/* Names are there, differ, and do not stand below themselves; some are no numbers or the like, all of them if
 * no row follows. */
static bool
are_names(const HeaderCheck *check)
{
	int typed = 0;

	for (int i = 0; i < check->width; i++)
	{
		const char *name = check->names[i];

		if (name[0] == '\0')
			return false;
		typed += (infer_value(name, strlen(name)) & (((InferredTypes) 1 << INFERRED_TEXT) - 1)) != 0;
		for (int j = 0; j < i && i < 1000; j++)
			if (strcmp(name, check->names[j]) == 0)
				return false;
	}
	return (check->rows > 0 ? typed < check->width : typed == 0) && !check->is_repeated;
}

static bool
is_header(const HeaderCheck *check, bool with_comma)
{
	int against = 0;
	int agree = 0;
	bool is_typed = false;

	for (int i = 0; i < check->width; i++)
	{
		InferredType type = infer_type(&check->below[i], with_comma);
		const char *name = check->names[i];

		if (type == INFERRED_TEXT || infer_is_null(name, strlen(name)))
			continue;
		is_typed = true;
		if (infer_value(name, strlen(name)) & ((InferredTypes) 1 << type))
			agree++;
		else
			against++;
	}
	if (is_typed)
		return against > 0 && against >= agree;
	return are_names(check);
}

static void
check_header(const Trial *trial, char *bytes, size_t length, bool at_end, Layout *layout)
{
	const Dialect *dialect = &layout->dialect;
	size_t offset = layout->start;
	size_t taken = record_find(dialect, bytes + offset, length - offset, true, &record);
	HeaderCheck check = {.width = record.count};

	if (record.count == 0)
		return;
	check.names = allocate((size_t) check.width * sizeof(char *));
	check.below = allocate((size_t) check.width * sizeof(Inference));
	for (int i = 0; i < check.width; i++)
	{
		check.names[i] = trimmed_copy(dialect, &record.fields[i]);
		check.below[i] = INFERENCE_BEGINS;
	}
	for (offset += taken; check.rows < MOST_ROWS && offset < length; offset += taken)
	{
		taken = record_find(dialect, bytes + offset, length - offset, at_end, &record);
		if (taken == 0)
			break;
		if (record_is_blank(&record) || layout_is_comment(layout, &record))
			continue;
		look_below(&check, dialect, &record);
		check.rows++;
	}
	layout->has_header = is_header(&check, dialect->delimiter == ';' || dialect->delimiter == '\t');
	for (int i = 0; i < check.width; i++)
		free(check.names[i]);
	free(check.names);
	free(check.below);
	(void) trial;
}

bool
layout_is_comment(const Layout *layout, const Record *row)
{
	return layout->has_comments && row->count != layout->width && !row->fields[0].is_quoted &&
		   row->fields[0].length > 0 && row->fields[0].bytes[0] == '#';
}

static bool
has_comments(const Trial *trial)
{
	for (int i = 0; i < trial->rows; i++)
		if (trial->counts[i] < 0 && trial->counts[i] != -trial->width)
			return true;
	return false;
}

void
layout_detect(char *bytes, size_t length, bool at_end, const LayoutWishes *wishes, Layout *layout)
{
	static Trial best;
	LayoutWishes known = *wishes;
	char separator = '\0';
	size_t skipped = separator_line(bytes, length, &separator);

	if (skipped > 0 && !known.delimiter)
		known.delimiter = separator;
	choose(&best, &known, bytes + skipped, length - skipped, at_end);
	*layout = (Layout){.dialect = best.dialect,
					   .width = best.width,
					   .start = skipped +
								(best.rows > 0 ? best.starts[best.first < best.rows ? best.first : 0] : 0),
					   .skipped_rows = best.first,
					   .has_comments = has_comments(&best)};
	if (known.header == CHOICE_OPEN)
		check_header(&best, bytes, length, at_end, layout);
	else
		layout->has_header = known.header == CHOICE_YES;
}
