#include "connectors/delta_lake/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/actions.h"
#include "connectors/delta_lake/path.h"
#include "connectors/delta_lake/seen.h"
#include "wire/wire.h"

/* The server is told that the work goes on, each so many files of the log. */
#define FILES_OF_PROGRESS 1000

#define SIDECARS DELTA_LOG_FOLDER "_sidecars/"

/* ---- the description ---- */

static void
take_description(void *context, DeltaAction *action)
{
	DeltaSnapshot *snapshot = context;
	bool is_protocol = strcmp(action->kind, "protocol") == 0;
	JsonTree **tree = is_protocol ? &snapshot->protocol_tree : &snapshot->metadata_tree;

	if (*tree)
		return;
	*tree = action->tree;
	action->tree = NULL;
	*(is_protocol ? &snapshot->protocol : &snapshot->metadata) = action->body;
}

static bool
is_described(const DeltaSnapshot *snapshot)
{
	return snapshot->protocol && snapshot->metadata;
}

static void
tell_progress(int files)
{
	if (files % FILES_OF_PROGRESS == FILES_OF_PROGRESS - 1)
		emit_progress("read", ABSENT);
}

static void
find_description(DeltaSnapshot *snapshot)
{
	static const char *const kinds[] = {"metaData", "protocol", NULL};
	const DeltaLog *log = &snapshot->log;

	for (int i = 0; i < log->commit_count && !is_described(snapshot); i++)
	{
		delta_actions_read(log->folder, log->commits[i], kinds, take_description, snapshot);
		tell_progress(i);
	}
	for (int i = 0; i < log->part_count && !is_described(snapshot); i++)
		delta_actions_read(log->folder, log->parts[i], kinds, take_description, snapshot);
	if (snapshot->protocol == NULL)
		delta_broken(delta_log_newest(log), "neither it nor the log below it has the action protocol");
	if (snapshot->metadata == NULL)
		delta_broken(delta_log_newest(log), "neither it nor the log below it has the action metaData");
}

/* A table may be made before it has a schema. */
void
delta_snapshot_read_schema(DeltaSnapshot *snapshot)
{
	const char *text = json_member_text(snapshot->metadata, "schemaString");
	char fault[128];

	if (text == NULL || text[0] == '\0')
		return;
	snapshot->schema_tree = json_tree_read(text, strlen(text), fault, sizeof(fault));
	if (snapshot->schema_tree == NULL)
		delta_broken("schemaString", fault);
	snapshot->fields = json_member(json_tree_root(snapshot->schema_tree), "fields");
	if (snapshot->fields == NULL || snapshot->fields->kind != JSON_ARRAY)
		delta_broken("schemaString", "it has no fields");
}

void
delta_snapshot_describe(DeltaSnapshot *snapshot, const StoredFile *folder)
{
	*snapshot = (DeltaSnapshot){.protocol = NULL};
	delta_log_read(&snapshot->log, folder);
	find_description(snapshot);
	delta_snapshot_read_schema(snapshot);
}

const char *
delta_configuration(const DeltaSnapshot *snapshot, const char *name)
{
	return json_member_text(json_member(snapshot->metadata, "configuration"), name);
}

/* ---- files ---- */

typedef struct Replay
{
	const DeltaSnapshot *snapshot;
	const char *path; /* of the file of the log */
	DeltaFileTake take;
	void *context;
	DeltaSeen seen;
	bool is_in_checkpoint;
	WireBuffer key;
	bool has_clustering; /* it is known whether there is one */
	char *clustering;
	char **sidecars;
	int sidecar_count;
} Replay;

/* The same data file with other deleted rows is another file. */
static const char *
write_key(Replay *replay, const JsonNode *file)
{
	const JsonNode *vector = json_member(file, "deletionVector");
	const char *path = json_member_text(file, "path");
	char *decoded;

	if (path == NULL || path[0] == '\0')
		delta_broken(replay->path, "a file has no path");
	decoded = delta_path_decoded(path);
	wire_reset(&replay->key);
	wire_append_text(&replay->key, decoded);
	free(decoded);
	if (vector)
	{
		const JsonNode *offset = json_member(vector, "offset");
		const char *type = json_member_text(vector, "storageType");
		const char *place = json_member_text(vector, "pathOrInlineDv");

		wire_append(&replay->key, "\n", 1);
		wire_append_text(&replay->key, type ? type : "");
		wire_append_text(&replay->key, place ? place : "");
		wire_append(&replay->key, "@", 1);
		wire_append_text(&replay->key, offset && offset->kind == JSON_NUMBER ? offset->text : "");
	}
	wire_append(&replay->key, "", 1);
	if (replay->key.failed)
		give_up_out_of_memory();
	return replay->key.data;
}

/* A checkpoint has each file once, so that its files need not be remembered. */
static void
take_add(Replay *replay, const JsonNode *add)
{
	const char *key = write_key(replay, add);

	if (replay->is_in_checkpoint ? !delta_seen_has(&replay->seen, key) : delta_seen_add(&replay->seen, key))
		replay->take(replay->context, add);
}

static void
take_domain(Replay *replay, const JsonNode *domain)
{
	const char *name = json_member_text(domain, "domain");
	const char *configuration = json_member_text(domain, "configuration");

	if (replay->has_clustering || name == NULL || strcmp(name, "delta.clustering") != 0)
		return;
	replay->has_clustering = true;
	if (!json_member_is_true(domain, "removed") && configuration)
		replay->clustering = copy_text(configuration);
}

/* Sidecars lie in one folder; a path before their names does not count. */
static void
take_sidecar(Replay *replay, const JsonNode *sidecar)
{
	const char *uri = json_member_text(sidecar, "path");
	char *path;
	const char *slash;

	if (!replay->is_in_checkpoint || uri == NULL)
		delta_broken(replay->path, "a sidecar has no path");
	path = delta_path_decoded(uri);
	slash = strrchr(path, '/');
	replay->sidecars =
		reallocate(replay->sidecars, (size_t) (replay->sidecar_count + 1) * sizeof(*replay->sidecars));
	replay->sidecars[replay->sidecar_count] = allocate(sizeof(SIDECARS) + strlen(path));
	strcpy(replay->sidecars[replay->sidecar_count], SIDECARS);
	strcat(replay->sidecars[replay->sidecar_count++], slash ? slash + 1 : path);
	free(path);
}

static void
take_action(void *context, DeltaAction *action)
{
	Replay *replay = context;

	if (strcmp(action->kind, "add") == 0)
		take_add(replay, action->body);
	else if (strcmp(action->kind, "remove") == 0)
		delta_seen_add(&replay->seen, write_key(replay, action->body));
	else if (strcmp(action->kind, "domainMetadata") == 0)
		take_domain(replay, action->body);
	else
		take_sidecar(replay, action->body);
}

static void
replay_file(Replay *replay, const char *path, const char *const *kinds)
{
	replay->path = path;
	delta_actions_read(replay->snapshot->log.folder, path, kinds, take_action, replay);
}

/* What a checkpoint says was removed is not in it any more. */
static void
replay_checkpoint(Replay *replay)
{
	static const char *const kinds[] = {"add", "domainMetadata", "sidecar", NULL};
	static const char *const of_sidecars[] = {"add", NULL};
	const DeltaLog *log = &replay->snapshot->log;

	replay->is_in_checkpoint = true;
	for (int i = 0; i < log->part_count; i++)
	{
		replay_file(replay, log->parts[i], kinds);
		tell_progress(i);
	}
	for (int i = 0; i < replay->sidecar_count; i++)
	{
		replay_file(replay, replay->sidecars[i], of_sidecars);
		free(replay->sidecars[i]);
		tell_progress(i);
	}
	free(replay->sidecars);
}

void
delta_snapshot_files(const DeltaSnapshot *snapshot, DeltaFileTake take, void *context, char **clustering)
{
	static const char *const kinds[] = {"add", "remove", "domainMetadata", NULL};
	const DeltaLog *log = &snapshot->log;
	Replay replay = {.snapshot = snapshot, .take = take, .context = context};

	for (int i = 0; i < log->commit_count; i++)
	{
		replay_file(&replay, log->commits[i], kinds);
		tell_progress(i);
	}
	replay_checkpoint(&replay);
	delta_seen_free(&replay.seen);
	wire_free(&replay.key);
	if (clustering)
		*clustering = replay.clustering;
	else
		free(replay.clustering);
}
