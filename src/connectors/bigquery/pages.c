#include "connectors/bigquery/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/bigquery/service_error.h"
#include "connectors/common/deadline.h"
#include "connectors/common/memory.h"
#include "connectors/common/read_request.h"

#define ROWS_OF_PAGE 10000

static char *
copy_or_nothing(const char *text)
{
	return text ? copy_text(text) : NULL;
}

static void
take_page(Pages *pages, JsonTree *page)
{
	const JsonNode *root = json_tree_root(page);
	const JsonNode *rows = json_member(root, "rows");
	char *token = copy_or_nothing(json_member_text(root, "pageToken"));

	/* A page that ends where it began would go on for ever. */
	if (token != NULL && pages->token != NULL && strcmp(token, pages->token) == 0)
		http_failure_report(&(HttpFailure){
			.step = "query", .code = "protocol", .message = "The service's rows go on without end."});
	free(pages->token);
	json_tree_free(pages->page);
	pages->page = page;
	pages->token = token;
	pages->next = rows != NULL && rows->kind == JSON_ARRAY ? rows->first : NULL;
	pages->has_begun = true;
}

void
pages_of_table(Pages *pages, Service *service, const char *dataset, const char *table, char *selected,
			   int64_t most)
{
	*pages = (Pages){.service = service,
					 .selected = selected,
					 .path = service_path("projects", service->project, "datasets", dataset, "tables", table,
										  "data", NULL),
					 .most = most > 0 && most < ROWS_OF_PAGE ? most : ROWS_OF_PAGE};
}

void
pages_of_job(Pages *pages, Service *service, const char *job, char *location, JsonTree *first)
{
	*pages = (Pages){.service = service,
					 .path = service_path("projects", service->billing_project, "queries", job, NULL),
					 .location = location,
					 .most = ROWS_OF_PAGE};
	take_page(pages, first);
}

static JsonTree *
ask(Pages *pages, HttpFailure *failure)
{
	UrlQuery query = {0};
	char most[24];

	snprintf(most, sizeof(most), "%lld", (long long) pages->most);
	url_query_add(&query, "maxResults", most);
	url_query_add(&query, "formatOptions.useInt64Timestamp", "true");
	if (pages->selected != NULL)
		url_query_add(&query, "selectedFields", pages->selected);
	if (pages->location != NULL)
		url_query_add(&query, "location", pages->location);
	if (pages->token != NULL)
		url_query_add(&query, "pageToken", pages->token);
	return service_get(pages->service, pages->path, &query, failure);
}

const JsonNode *
pages_next(Pages *pages)
{
	Deadline deadline = deadline_after(pages->service->endpoint.answer_timeout);
	const JsonNode *row;

	while (pages->next == NULL)
	{
		HttpFailure failure;
		JsonTree *page;

		if (pages->has_begun && pages->token == NULL)
			return NULL;
		if (pages->has_begun && deadline_milliseconds(deadline) == 0)
			give_up_rows(&service_endless);
		page = ask(pages, &failure);
		if (page == NULL)
			give_up_rows(&failure);
		take_page(pages, page);
	}
	row = pages->next;
	pages->next = row->next;
	return row;
}

void
pages_end(Pages *pages)
{
	json_tree_free(pages->page);
	free(pages->path);
	free(pages->selected);
	free(pages->location);
	free(pages->token);
}
