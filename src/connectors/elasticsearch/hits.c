#include "connectors/elasticsearch/hits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/input.h"
#include "connectors/common/memory.h"
#include "connectors/elasticsearch/relation.h"
#include "connectors/jsontree/json_text.h"

#define FIRST_PAGE          100
#define LATER_PAGE          1000
#define LARGEST_PAGE        10000 /* the services' own bound */
#define SMALLEST_PAGE       8
#define MOST_PAGE_BYTES     (16 << 20)
#define MOST_SMALLEST_BYTES (64 << 20)
#define MOST_SMALL_BYTES    (1 << 20)
#define KEPT_FOR            "1m"

typedef enum Order
{
	ORDER_ANY,   /* one page has all */
	ORDER_POINT, /* of a point in time: as the shards have them */
	ORDER_ID
} Order;

struct Hits
{
	Cluster *cluster;
	HitsRequest request;
	Order order;
	int64_t page_size;
	char *point;      /* id of the point in time; or NULL */
	bool says_pit_id; /* points in time are in OpenSearch's words */
	WireBuffer after; /* where the next page begins, as JSON text */
	JsonTree *page;
	const JsonNode *next;
	int64_t left; /* documents of the page that have not been given */
	bool has_begun;
	bool is_reduced; /* larger pages were too large */
	bool is_last;
};

/* ---- the point in time ---- */

static bool
ask_point(Hits *hits, bool is_opensearch)
{
	const char *member = is_opensearch ? "pit_id" : "id";
	Question question = {.method = "POST", .most_bytes = MOST_SMALL_BYTES};
	char *path = relation_path(hits->request.relation, is_opensearch ? "/_search/point_in_time" : "/_pit");
	HttpFailure failure;
	ServiceError error;
	JsonTree *tree;

	question.path = path;
	url_query_add(&question.query, "keep_alive", KEPT_FOR);
	if (is_opensearch)
		url_query_add(&question.query, "allow_partial_pit_creation", "false");
	tree = cluster_ask(hits->cluster, &question, &failure, &error);
	free(path);
	if (tree == NULL && (error.status < 400 || error.status > 405 || error.status == 401))
		http_failure_report(&failure);
	if (tree == NULL)
		return false;
	if (json_member_text(json_tree_root(tree), member) != NULL)
		hits->point = copy_text(json_member_text(json_tree_root(tree), member));
	json_tree_free(tree);
	return hits->point != NULL;
}

/* A service may not say what it is, or that it is another one. */
static bool
open_point(Hits *hits)
{
	hits->says_pit_id = hits->cluster->is_opensearch;
	if (ask_point(hits, hits->says_pit_id))
		return true;
	hits->says_pit_id = !hits->says_pit_id;
	return ask_point(hits, hits->says_pit_id);
}

static void
close_point(Hits *hits)
{
	bool is_opensearch = hits->says_pit_id;
	Question question = {.method = "DELETE",
						 .path = is_opensearch ? "/_search/point_in_time" : "/_pit",
						 .most_bytes = MOST_SMALL_BYTES};
	WireBuffer body = {0};
	HttpFailure failure;
	JsonTree *tree;

	if (hits->point == NULL)
		return;
	wire_append_text(&body, is_opensearch ? "{\"pit_id\":[" : "{\"id\":");
	wire_append_string(&body, hits->point, strlen(hits->point));
	wire_append_text(&body, is_opensearch ? "]}" : "}");
	wire_append(&body, "", 1);
	free(hits->point);
	hits->point = NULL;
	question.body = body.data;
	tree = body.failed ? NULL : cluster_ask(hits->cluster, &question, &failure, NULL);
	if (tree != NULL)
		json_tree_free(tree);
	wire_free(&body);
}

/* A service may give it a new name with each page. */
static void
keep_point(Hits *hits, const JsonNode *root)
{
	const char *point = json_member_text(root, "pit_id");

	if (hits->point == NULL || point == NULL || strcmp(point, hits->point) == 0)
		return;
	free(hits->point);
	hits->point = copy_text(point);
}

/* ---- when the server no longer wants the rest ---- */

static Hits *watched;

static void
abandon(void)
{
	if (watched != NULL)
		close_point(watched);
	_Exit(EXIT_FAILURE);
}

static void
watch(Hits *hits)
{
	static bool is_set;

	if (!hits->request.is_watched)
		return;
	watched = hits;
	if (!is_set)
		emit_until_abandoned(abandon);
	is_set = true;
}

static void fail(Hits *hits, const HttpFailure *failure) __attribute__((noreturn));

static void
fail(Hits *hits, const HttpFailure *failure)
{
	close_point(hits);
	http_failure_report(failure);
}

/* ---- pages ---- */

static void
append_member(WireBuffer *body, const char *name, const char *json)
{
	if (json == NULL)
		return;
	wire_append_text(body, ",\"");
	wire_append_text(body, name);
	wire_append_text(body, "\":");
	wire_append_text(body, json);
}

static void
write_body(const Hits *hits, WireBuffer *body)
{
	wire_append_text(body, "{\"size\":");
	wire_append_integer(body, hits->page_size);
	wire_append_text(body, hits->order == ORDER_ID ? ",\"sort\":[\"_id\"]" : ",\"sort\":[\"_doc\"]");
	append_member(body, "query", hits->request.query);
	append_member(body, "_source", hits->request.source);
	append_member(body, "fields", hits->request.fields);
	if (hits->after.length > 0)
		append_member(body, "search_after", hits->after.data);
	if (hits->point != NULL)
	{
		wire_append_text(body, ",\"pit\":{\"id\":");
		wire_append_string(body, hits->point, strlen(hits->point));
		wire_append_text(body, ",\"keep_alive\":\"" KEPT_FOR "\"}");
	}
	if (hits->request.timeout > 0)
	{
		wire_append_text(body, ",\"timeout\":\"");
		wire_append_integer(body, hits->request.timeout);
		wire_append_text(body, "s\"");
	}
	wire_append_text(body, ",\"track_total_hits\":false}");
	wire_append(body, "", 1);
	if (body->failed)
		give_up_out_of_memory();
}

static JsonTree *
ask_page(Hits *hits, HttpFailure *failure, ServiceError *error)
{
	char *path = hits->point ? copy_text("/_search") : relation_path(hits->request.relation, "/_search");
	Question question = {.method = "POST",
						 .path = path,
						 .most_bytes =
							 hits->page_size > SMALLEST_PAGE ? MOST_PAGE_BYTES : MOST_SMALLEST_BYTES};
	WireBuffer body = {0};
	JsonTree *tree;

	/* Without it the documents of a shard that fails would be missing without a word. */
	url_query_add(&question.query, "allow_partial_search_results", "false");
	write_body(hits, &body);
	question.body = body.data;
	tree = cluster_ask(hits->cluster, &question, failure, error);
	wire_free(&body);
	free(path);
	return tree;
}

static void
check_whole(Hits *hits, const JsonNode *root)
{
	int64_t failed = 0;

	(void) json_member_integer(json_member(root, "_shards"), "failed", &failed);
	if (failed != 0 || json_member_is_true(root, "timed_out"))
		fail(hits, &(HttpFailure){.step = "query",
								  .code = "unreachable",
								  .transient = true,
								  .message = "Not all shards of the relation have answered."});
}

/* Documents may be so large that fewer of them have to be asked for. */
static JsonTree *
read_page(Hits *hits)
{
	for (;;)
	{
		HttpFailure failure;
		ServiceError error;
		JsonTree *tree = ask_page(hits, &failure, &error);

		if (tree != NULL)
		{
			check_whole(hits, json_tree_root(tree));
			keep_point(hits, json_tree_root(tree));
			return tree;
		}
		if (strcmp(failure.code, "too_large") != 0 || hits->page_size <= SMALLEST_PAGE)
			fail(hits, &failure);
		hits->page_size = hits->page_size > 8 * SMALLEST_PAGE ? hits->page_size / 8 : SMALLEST_PAGE;
		hits->is_reduced = true;
	}
}

static void give_up_unsorted(Hits *hits) __attribute__((noreturn));

static void
give_up_unsorted(Hits *hits)
{
	fail(hits, &(HttpFailure){.step = "query",
							  .code = "protocol",
							  .message = "The service does not say where the next page begins."});
}

/* The text of what documents are sorted by; where a page ends, the next one begins behind it. */
static void
write_sort(Hits *hits, WireBuffer *out, const JsonNode *hit)
{
	const JsonNode *sort = json_member(hit, "sort");

	if (sort == NULL || sort->kind != JSON_ARRAY || sort->count == 0)
		give_up_unsorted(hits);
	wire_reset(out);
	json_append(out, sort);
	wire_append(out, "", 1);
	if (out->failed)
		give_up_out_of_memory();
}

/*
 * Shards number their documents, so that several have the same number. Those with the number of the last one
 * may go on in the next page: they are asked for again. Returns how many stand before them.
 */
static int64_t
count_settled(Hits *hits, const JsonNode *first)
{
	WireBuffer previous = {0};
	WireBuffer present = {0};
	int64_t settled = 0;
	int64_t number = 0;

	for (const JsonNode *hit = first; hit; hit = hit->next, number++)
	{
		write_sort(hits, &present, hit);
		if (number > 0 && strcmp(present.data, previous.data) != 0)
		{
			settled = number;
			wire_reset(&hits->after);
			wire_append(&hits->after, previous.data, previous.length);
		}
		wire_reset(&previous);
		wire_append(&previous, present.data, present.length);
	}
	wire_free(&previous);
	wire_free(&present);
	return settled;
}

static const JsonNode *
hits_of(Hits *hits, int64_t *count)
{
	const JsonNode *array = json_member(json_member(json_tree_root(hits->page), "hits"), "hits");

	if (array == NULL || array->kind != JSON_ARRAY)
		fail(hits, &(HttpFailure){.step = "query",
								  .code = "protocol",
								  .message = "The answer of the service has no documents."});
	*count = array->count;
	return array->first;
}

static void
drop_page(Hits *hits)
{
	if (hits->page != NULL)
		json_tree_free(hits->page);
	hits->page = NULL;
	hits->next = NULL;
	hits->left = 0;
}

/* Returns false if the page has to be asked for once more, for more documents. */
static bool
take_page(Hits *hits)
{
	int64_t count;

	drop_page(hits);
	hits->page = read_page(hits);
	hits->next = hits_of(hits, &count);
	hits->left = count;
	hits->is_last = count < hits->page_size;
	if (hits->is_last || hits->order == ORDER_ANY)
		return true;
	hits->left = count_settled(hits, hits->next);
	if (hits->left > 0)
		return true;
	if (hits->is_reduced || hits->page_size >= LARGEST_PAGE)
		give_up_unsorted(hits);
	hits->page_size = hits->page_size * 8 > LARGEST_PAGE ? LARGEST_PAGE : hits->page_size * 8;
	return false;
}

static bool
is_enough(const Hits *hits)
{
	return hits->is_last || (hits->request.most >= 0 && hits->left >= hits->request.most);
}

static void
begin(Hits *hits)
{
	int64_t most = hits->request.most;

	hits->has_begun = true;
	hits->order = ORDER_ANY;
	hits->page_size = most > 0 && most <= LATER_PAGE ? most : FIRST_PAGE;
	(void) take_page(hits);
	if (is_enough(hits))
	{
		hits->is_last = true;
		return;
	}
	if (!hits->is_reduced)
		hits->page_size = LATER_PAGE;
	hits->order = open_point(hits) ? ORDER_POINT : ORDER_ID;
	while (!take_page(hits))
		;
}

static void
read_more(Hits *hits)
{
	if (hits->request.is_watched && input_has_ended())
		abandon();
	while (!take_page(hits))
		;
}

/* ---- documents ---- */

Hits *
hits_open(Cluster *cluster, const HitsRequest *request)
{
	Hits *hits = allocate(sizeof(Hits));

	*hits = (Hits){.cluster = cluster, .request = *request};
	watch(hits);
	return hits;
}

const JsonNode *
hits_next(Hits *hits)
{
	const JsonNode *hit;

	if (!hits->has_begun)
		begin(hits);
	while (hits->left == 0 && !hits->is_last)
		read_more(hits);
	if (hits->left == 0)
		return NULL;
	hit = hits->next;
	hits->next = hit->next;
	hits->left--;
	return hit;
}

void
hits_close(Hits *hits)
{
	if (watched == hits)
		watched = NULL;
	close_point(hits);
	drop_page(hits);
	wire_free(&hits->after);
	free(hits);
}
