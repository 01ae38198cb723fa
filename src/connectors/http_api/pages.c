#include "connectors/http_api/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/http_api/bound.h"
#include "connectors/http_api/next.h"
#include "connectors/service/answer.h"

#define MOST_PAGE_ROWS   1000
#define MOST_EMPTY_PAGES 100
#define MOST_REST        60 /* seconds */

#define COUNT(items) (sizeof(items) / sizeof(*(items)))

/* ---- parameters ---- */

/* The first of the names that is a parameter. */
static const char *
first_parameter(const ApiOperation *operation, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (operation_parameter(operation, names[i]) != NULL)
			return names[i];
	return NULL;
}

static void
choose_size(Pages *pages, const ReadRequest *read)
{
	static const char *const names[] = {"limit",      "per_page",    "page_size", "pageSize", "perPage",
										"maxResults", "max_results", "$top",      "top",      "size"};
	int64_t most;

	pages->size_name = first_parameter(pages->operation, names, COUNT(names));
	pages->size = MOST_PAGE_ROWS;
	if (pages->size_name == NULL)
		return;
	if (json_member_integer(operation_parameter(pages->operation, pages->size_name)->own, "maximum", &most) &&
		most > 0 && most < pages->size)
		pages->size = most;
	if (read != NULL && read->condition_count == 0 && read->limit != NO_LIMIT && read->limit > 0 &&
		read->limit < pages->size)
		pages->size = read->limit;
	pages->has_optional = true;
}

void
pages_begin(Pages *pages, Service *service, const ApiOperation *operation, const FileRelation *relation,
			const ReadRequest *read)
{
	const char *lacking = bound_lacking(operation, read);
	char message[400];

	*pages = (Pages){.service = service, .operation = operation, .read = read, .power = 1};
	if (lacking != NULL)
	{
		snprintf(message, sizeof(message), "The endpoint needs a value of its parameter \"%.200s\".",
				 lacking);
		give_up(&(Failure){.step = "query",
						   .code = "query",
						   .message = message,
						   .hint = "Add a condition that says to what the column of this name is equal."});
	}
	pages->path = bound_path(operation, read, &pages->is_bound);
	bound_query(operation, read, &pages->fixed);
	if (relation != NULL && read != NULL)
		pages->has_optional = bound_push(operation, relation, read, &pages->fixed);
	choose_size(pages, read);
}

/* ---- the next page ---- */

static void
forget_page(Pages *pages)
{
	json_tree_free(pages->tree);
	pages->tree = NULL;
	pages->rows = NULL;
}

/* A page goes round if a request comes that has been before. What has been is kept for twice as long each
 * time, so that every circle is found, whatever its length is. */
static bool
goes_round(Pages *pages)
{
	uint64_t request = hash_text(pages->path);

	if (pages->value != NULL)
		request = hash_bytes(request, pages->value, strlen(pages->value) + 1);
	if (pages->pages > 0 && request == pages->seen)
		return true;
	if (++pages->pages == pages->power)
	{
		pages->seen = request;
		pages->power *= 2;
	}
	return false;
}

static void
set_value(Pages *pages, PagesWay way, const char *parameter, const char *value)
{
	char *copy = copy_text(value);

	free(pages->value);
	pages->way = way;
	pages->parameter = parameter;
	pages->value = copy;
}

static void
set_number(Pages *pages, PagesWay way, const char *parameter, int64_t number)
{
	char text[32];

	pages->number = number;
	snprintf(text, sizeof(text), "%lld", (long long) number);
	set_value(pages, way, parameter, text);
}

static void
end(Pages *pages)
{
	free(pages->path);
	pages->path = NULL;
}

/* The number of the first page, as far as it is declared or told. */
static int64_t
first_number(const Pages *pages, const JsonNode *root, const char *parameter)
{
	const JsonNode *own = operation_parameter(pages->operation, parameter)->own;
	int64_t number = 1;

	if (!json_member_integer(root, parameter, &number) && !json_member_integer(own, "default", &number))
		(void) json_member_integer(own, "minimum", &number);
	return number == 0 ? 0 : 1;
}

/* Some services give a cursor for later, too, and say that there is no more now. */
static bool
denies_more(const JsonNode *root)
{
	const JsonNode *more = json_member(root, "has_more");

	return more != NULL && more->kind == JSON_FALSE;
}

static void
count_on(Pages *pages, const JsonNode *root, bool is_repeated)
{
	static const char *const offsets[] = {"offset", "skip", "$skip", "startAt", "start", "start_index"};
	static const char *const numbers[] = {"page", "page_number", "pageNumber", "pageNo", "currentPage"};
	const char *offset = first_parameter(pages->operation, offsets, COUNT(offsets));
	const char *number = first_parameter(pages->operation, numbers, COUNT(numbers));

	if (pages->rows_of_page == 0 || pages->rows_of_page < pages->rows_of_first || is_repeated)
		end(pages);
	else if (offset != NULL)
		set_number(pages, PAGES_BY_OFFSET, offset, pages->number + pages->rows_of_page);
	else if (number != NULL)
		set_number(pages, PAGES_BY_NUMBER, number,
				   (pages->way == PAGES_NOT_KNOWN ? first_number(pages, root, number) : pages->number) + 1);
	else
	{
		pages->is_cut = next_is_promised(root) && !denies_more(root);
		end(pages);
	}
}

/* Returns false with a failure. */
static bool
go_to(Pages *pages, const char *url, HttpFailure *failure)
{
	char *path =
		next_path(url, pages->path, &pages->service->endpoint, http_is_encrypted(pages->service->client));

	pages->way = PAGES_BY_LINK;
	end(pages);
	pages->path = path;
	if (path != NULL)
		return true;
	*failure = (HttpFailure){.step = "query",
							 .code = "protocol",
							 .message = "The next page is on another host, which is not asked."};
	return false;
}

/* A header Link that speaks of pages, and of none that follows. */
static bool
is_of_pages(const char *header)
{
	return header != NULL && (strstr(header, "prev") != NULL || strstr(header, "first") != NULL ||
							  strstr(header, "last") != NULL);
}

static bool
find_next(Pages *pages, const HttpAnswer *answer, bool is_repeated, HttpFailure *failure)
{
	const JsonNode *root = json_tree_root(pages->tree);
	const char *header = http_header(&answer->headers, "link");
	char *target = next_of_link(header);
	const char *url = target ? target : next_of_body(root);
	const char *parameter;
	const char *cursor = url ? NULL : next_cursor(root, pages->operation, &parameter);
	bool fine = true;

	if (url != NULL)
		fine = go_to(pages, url, failure);
	else if (cursor != NULL && !denies_more(root))
		set_value(pages, PAGES_BY_CURSOR, parameter, cursor);
	else if (pages->way == PAGES_BY_LINK || pages->way == PAGES_BY_CURSOR || cursor != NULL ||
			 is_of_pages(header) || next_is_denied(root))
		end(pages);
	else
		count_on(pages, root, is_repeated);
	free(target);
	return fine;
}

/* ---- requests ---- */

static UrlQuery
query_of(const Pages *pages)
{
	UrlQuery query = {0};
	char size[32];

	if (pages->way == PAGES_BY_LINK)
		return query;
	query = url_query_copy(&pages->fixed);
	snprintf(size, sizeof(size), "%lld", (long long) pages->size);
	if (pages->size_name != NULL)
		url_query_add(&query, pages->size_name, size);
	if (pages->value != NULL)
		url_query_add(&query, pages->parameter, pages->value);
	return query;
}

static bool
ask(Pages *pages, HttpAnswer *answer, HttpFailure *failure)
{
	ServiceQuestion question = {.path = pages->path,
								.query = query_of(pages),
								.accept = "application/json, */*;q=0.5",
								.most_bytes = MOST_PAGE_BYTES};

	return service_get(pages->service, &question, answer, failure);
}

/* The first request is repeated without what the service need not know, if it refuses that. */
static bool
ask_patiently(Pages *pages, HttpAnswer *answer, HttpFailure *failure)
{
	bool fine = ask(pages, answer, failure);

	if (fine || pages->pages != 1 || !pages->has_optional || (answer->status != 400 && answer->status != 422))
		return fine;
	http_answer_free(answer);
	pages->size_name = NULL;
	url_query_free(&pages->fixed);
	bound_query(pages->operation, pages->read, &pages->fixed);
	return ask(pages, answer, failure);
}

/* A service may say that no more requests are left, and in how many seconds there will be, or when. */
static void
rest(const HttpAnswer *answer)
{
	const char *left = http_header(&answer->headers, "ratelimit-remaining");
	const char *reset = http_header(&answer->headers, "ratelimit-reset");
	long long seconds;

	if (left == NULL)
	{
		left = http_header(&answer->headers, "x-ratelimit-remaining");
		reset = http_header(&answer->headers, "x-ratelimit-reset");
	}
	if (left == NULL || reset == NULL || strcmp(left, "0") != 0 ||
		strspn(reset, "0123456789") != strlen(reset) || strlen(reset) > 12)
		return;
	seconds = strtoll(reset, NULL, 10);
	if (seconds > 1000000000)
		seconds -= (long long) time(NULL);
	if (seconds <= 0 || seconds > MOST_REST)
		return;
	emit_flush();
	emit_progress("read", ABSENT);
	for (struct timespec wait = {.tv_sec = seconds}; clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, &wait) != 0;)
		;
}

/* ---- rows ---- */

/* The array that is the only one of objects, of an answer that no document describes. */
static const JsonNode *
only_list(const JsonNode *root)
{
	const JsonNode *found = NULL;

	for (const JsonNode *each = root->first; each; each = each->next)
		if (each->kind == JSON_ARRAY && each->first != NULL && each->first->kind == JSON_OBJECT)
		{
			if (found != NULL)
				return NULL;
			found = each;
		}
	return found;
}

static void
take_rows(Pages *pages)
{
	const JsonNode *root = json_tree_root(pages->tree);
	const JsonNode *list = root->kind == JSON_ARRAY ? root : NULL;

	if (list == NULL && pages->operation->member != NULL)
	{
		list = json_member(root, pages->operation->member);
		pages->rows = list && list->kind == JSON_ARRAY ? list->first : NULL;
		pages->rows_of_page = pages->rows ? list->count : 0;
		return;
	}
	if (list == NULL && pages->operation->get == NULL && root->kind == JSON_OBJECT)
		list = only_list(root);
	pages->rows = list ? list->first : root;
	pages->rows_of_page = list ? list->count : 1;
}

/* Returns whether the page is the same as the one before. */
static bool
take_page(Pages *pages, const HttpAnswer *answer)
{
	uint64_t digest = hash_bytes(HASH_BEGINS, answer->body.data, answer->body.length);
	bool is_repeated = pages->pages > 1 && digest == pages->digest;

	pages->digest = digest;
	take_rows(pages);
	if (pages->pages == 1)
		pages->rows_of_first = pages->rows_of_page;
	if (is_repeated && (pages->way == PAGES_BY_OFFSET || pages->way == PAGES_BY_NUMBER))
	{
		/* The service passes the parameter over: the first page was all. */
		pages->rows = NULL;
		return true;
	}
	return false;
}

static bool
is_missing(const Pages *pages, const HttpAnswer *answer)
{
	return pages->is_bound && (answer->status == 404 || answer->status == 410);
}

static bool
read_page(Pages *pages, HttpAnswer *answer, HttpFailure *failure)
{
	char fault[160] = "it is empty";

	if (answer->body.length > 0)
		pages->tree = json_tree_read(answer->body.data, answer->body.length, fault, sizeof(fault));
	if (pages->tree != NULL)
		return true;
	if (answer->status == 204)
	{
		pages->tree = json_tree_read("[]", 2, fault, sizeof(fault));
		return true;
	}
	*failure = (HttpFailure){
		.step = "query", .code = "protocol", .message = "The answer of the endpoint is no JSON."};
	snprintf(failure->detail, sizeof(failure->detail), "%.200s.", fault);
	return false;
}

static bool
fail_round(HttpFailure *failure)
{
	*failure = (HttpFailure){
		.step = "query", .code = "protocol", .message = "The pages go round: one that was read comes again."};
	return false;
}

static bool
read_next(Pages *pages, HttpFailure *failure)
{
	HttpAnswer answer = {0};
	bool fine;

	if (goes_round(pages))
		return fail_round(failure);
	fine = ask_patiently(pages, &answer, failure);
	if (!fine && is_missing(pages, &answer))
	{
		end(pages);
		fine = true;
	}
	else
		fine = fine && read_page(pages, &answer, failure);
	if (fine && pages->tree != NULL)
	{
		bool is_repeated = take_page(pages, &answer);

		fine = find_next(pages, &answer, is_repeated, failure);
		if (pages->path != NULL)
			rest(&answer);
	}
	http_answer_free(&answer);
	return fine;
}

/* Who wants no more rows than the page has does not come to it. */
static const HttpFailure rows_are_cut = {
	.step = "query",
	.code = "unsupported",
	.message = "There are more rows, and the endpoint has no parameter for the next page.",
	.hint = "A limit of rows that is not more than a page ends the reading before."};

bool
pages_next(Pages *pages, bool *fine, HttpFailure *failure)
{
	*fine = true;
	forget_page(pages);
	if (pages->path == NULL)
	{
		*fine = !pages->is_cut || pages->read == NULL || pages->read->sample != NO_LIMIT;
		*failure = rows_are_cut;
		return false;
	}
	*fine = read_next(pages, failure);
	pages->empty = pages->rows == NULL ? pages->empty + 1 : 0;
	if (*fine && pages->empty > MOST_EMPTY_PAGES)
	{
		*failure = service_endless;
		*fine = false;
	}
	return *fine;
}

const JsonNode *
pages_row(Pages *pages)
{
	const JsonNode *row;
	HttpFailure failure;
	bool fine;

	while (pages->rows == NULL)
		if (!pages_next(pages, &fine, &failure))
		{
			if (!fine)
				give_up_rows(&failure);
			return NULL;
		}
	row = pages->rows;
	pages->rows = json_tree_root(pages->tree) == row ? NULL : row->next;
	return row;
}

void
pages_end(Pages *pages)
{
	forget_page(pages);
	end(pages);
	url_query_free(&pages->fixed);
	free(pages->value);
}
