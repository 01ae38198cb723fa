#include "connectors/files/file_connector.h"

#include <stdio.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/files/file_discover.h"
#include "connectors/files/file_read.h"
#include "connectors/files/file_sample.h"
#include "connectors/files/folder.h"
#include "connectors/files/given.h"

/* Of this process. */
static const Format *format; /* of the source */
static const Format *of_files;
static StoredFile source;

static void
open_stored(bool is_file)
{
	format = of_files;
	if (of_files->open_folder && is_file)
		give_up(&(Failure){.step = "connect",
						   .code = "configuration",
						   .message = "file_path is a file, and a source of this type is a folder."});
	if (of_files->open_folder)
		of_files->open_folder(&source);
	else if (!is_file)
	{
		folder_open(&source, of_files);
		format = folder_format(of_files);
	}
}

/* Opens the file or the folder, checks what it is, and sends `connected`. */
static void
open_source(Request *request)
{
	char server[128];

	request_forget_credentials(request);
	emit_progress("connect", ABSENT);
	open_stored(given_open(request, &source));
	format->check(request, &source);
	snprintf(server, sizeof(server), source.size == ABSENT ? "%s" : "%s of %lld bytes", format->what,
			 (long long) source.size);
	emit_connected(server, NULL, file_identity(request));
}

static void
test_source(Request *request)
{
	open_source(request);
}

static const char *
discover_source(Request *request)
{
	open_source(request);
	return file_discover(format, request, &source);
}

static void
sample_source(Request *request)
{
	open_source(request);
	file_sample(format, request, &source);
}

static void
read_source(Request *request)
{
	open_source(request);
	file_read(format, request, &source);
}

int
file_connector_run(const char *name, const Format *served)
{
	of_files = served;
	return connector_run(&(Connector){.name = name,
									  .version = CONNECTOR_VERSION,
									  .signatures = true,
									  .test = test_source,
									  .discover = discover_source,
									  .sample = served->rows_begin ? sample_source : NULL,
									  .read = served->rows_begin ? read_source : NULL,
									  .exact = true});
}
