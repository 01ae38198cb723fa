#include "connectors/delta_lake/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define NEWEST_READER_VERSION 3

/* Values of variants are not read; other columns beside them are. */
static const char *const known[] = {"appendOnly",          "columnMapping",       "deletionVectors",
									"timestampNtz",        "typeWidening",        "typeWidening-preview",
									"v2Checkpoint",        "vacuumProtocolCheck", "variantType",
									"variantType-preview", "variantShredding",    "variantShredding-preview"};

static bool
is_known(const char *feature)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], feature) == 0)
			return true;
	return false;
}

/* Words for people, in memory that the caller frees; NULL: all is known. */
static char *
unknown_features(const DeltaSnapshot *snapshot)
{
	const JsonNode *features = json_member(snapshot->protocol, "readerFeatures");
	WireBuffer words = {.data = NULL};
	int64_t version = 1;

	if (json_member_integer(snapshot->protocol, "minReaderVersion", &version) &&
		version > NEWEST_READER_VERSION)
	{
		wire_append_text(&words, "reader version ");
		wire_append_integer(&words, version);
	}
	for (const JsonNode *feature = features ? features->first : NULL; feature; feature = feature->next)
	{
		const char *name = json_text(feature);

		if (name && is_known(name))
			continue;
		if (words.length > 0)
			wire_append(&words, ", ", 2);
		wire_append_text(&words, name ? name : "a feature without a name");
	}
	if (words.length == 0)
		return NULL;
	wire_append(&words, "", 1);
	if (words.failed)
		give_up_out_of_memory();
	return words.data;
}

void
delta_features_log(const DeltaSnapshot *snapshot)
{
	char *unknown = unknown_features(snapshot);
	char message[512];

	if (unknown == NULL)
		return;
	snprintf(message, sizeof(message), "the table's rows cannot be read, as this is not known: %.300s",
			 unknown);
	emit_log("warning", message);
	free(unknown);
}

void
delta_features_must_be_known(const DeltaSnapshot *snapshot)
{
	char *unknown = unknown_features(snapshot);

	if (unknown == NULL)
		return;
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "The Delta table demands of readers what is not known here.",
					   .detail = unknown,
					   .hint = "Its columns are described; its rows are read once the feature is dropped."});
}
