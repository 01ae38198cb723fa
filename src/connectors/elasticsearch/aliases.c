#include "connectors/elasticsearch/aliases.h"

#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/jsontree/json_text.h"

#define MOST_ALIAS_BYTES (32 << 20)

void
aliases_read(Aliases *aliases, Cluster *cluster)
{
	Question question = {.method = "GET", .path = "/_alias", .most_bytes = MOST_ALIAS_BYTES};
	HttpFailure failure;

	aliases->tree = cluster_ask(cluster, &question, &failure, NULL);
	if (aliases->tree == NULL)
		emit_log("info", "The filters of aliases cannot be read.");
}

static void
append_member(WireBuffer *out, const char *index, const JsonNode *alias)
{
	const JsonNode *filter = json_member(alias, "filter");

	document_separate(out);
	document_literal(out, "{");
	document_text(out, "index", index);
	if (filter != NULL)
	{
		document_member(out, "filter");
		json_append(out, filter);
	}
	document_text(out, "index_routing", json_member_text(alias, "index_routing"));
	document_text(out, "search_routing", json_member_text(alias, "search_routing"));
	document_flag(out, "is_write_index", json_member_is_true(alias, "is_write_index"));
	document_literal(out, "}");
}

void
aliases_append_definition(WireBuffer *out, const Aliases *aliases, const Entry *alias)
{
	const JsonNode *root = aliases->tree ? json_tree_root(aliases->tree) : NULL;

	document_literal(out, "{\"indices\":[");
	for (int i = 0; i < alias->member_count; i++)
	{
		const JsonNode *index = json_member(root, alias->members[i]);

		append_member(out, alias->members[i], json_member(json_member(index, "aliases"), alias->name));
	}
	document_literal(out, "]}");
}

void
aliases_free(Aliases *aliases)
{
	if (aliases->tree != NULL)
		json_tree_free(aliases->tree);
	aliases->tree = NULL;
}
