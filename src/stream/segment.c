#include "stream/segment.h"

#include "miscadmin.h"
#include "storage/proc.h"

/* The texts lie behind it, one after the other, each with its NUL; then the queue. */
typedef struct Segment
{
	Oid login_role;
	int64 organization_id;
	int64 data_source_id;
	int64 user_id;
	int timeout;
	bool takes_a_part;
	bool has[5]; /* in the order of texts_of */
	Size queue;  /* where it begins */
	char texts[FLEXIBLE_ARRAY_MEMBER];
} Segment;

#define TEXTS lengthof(((Segment *) 0)->has)

static void
list_texts(const RgStreamRequest *request, const char *texts[TEXTS])
{
	texts[0] = request->operation;
	texts[1] = request->question;
	texts[2] = request->server;
	texts[3] = request->schema;
	texts[4] = request->relation;
}

static Size
size_of(const char *const texts[TEXTS])
{
	Size size = offsetof(Segment, texts);

	for (int i = 0; i < (int) TEXTS; i++)
		size = add_size(size, texts[i] != NULL ? strlen(texts[i]) + 1 : 0);
	return MAXALIGN(size);
}

static void
write_texts(Segment *content, const char *const texts[TEXTS])
{
	char *to = content->texts;

	for (int i = 0; i < (int) TEXTS; i++)
	{
		content->has[i] = texts[i] != NULL;
		if (texts[i] != NULL)
			to = stpcpy(to, texts[i]) + 1;
	}
}

static Size
queue_bytes(const RgStreamRequest *request)
{
	bool is_short = request->limit > 0 && request->limit <= RG_STREAM_SHORT_ROWS;

	return is_short ? RG_STREAM_SHORT_QUEUE_BYTES : RG_STREAM_QUEUE_BYTES;
}

dsm_segment *
rg_stream_segment_create(const RgStreamRequest *request)
{
	const char *texts[TEXTS];

	list_texts(request, texts);

	Size queue = size_of(texts);
	Size bytes = queue_bytes(request);
	dsm_segment *segment = dsm_create(add_size(queue, bytes), 0);
	Segment *content = dsm_segment_address(segment);

	content->login_role = GetSessionUserId();
	content->organization_id = request->organization_id;
	content->data_source_id = request->data_source_id;
	content->user_id = request->user_id;
	content->timeout = request->timeout;
	content->takes_a_part = request->takes_a_part;
	content->queue = queue;
	write_texts(content, texts);
	shm_mq_set_receiver(shm_mq_create((char *) content + queue, bytes), MyProc);
	return segment;
}

void
rg_stream_segment_read(dsm_segment *segment, RgStreamAsked *asked)
{
	const Segment *content = dsm_segment_address(segment);
	const char *texts[TEXTS] = {NULL};
	const char *text = content->texts;

	for (int i = 0; i < (int) TEXTS; i++)
	{
		if (!content->has[i])
			continue;
		texts[i] = text;
		text += strlen(text) + 1;
	}
	asked->login_role = content->login_role;
	asked->request = (RgStreamRequest){.operation = texts[0],
									   .question = texts[1],
									   .server = texts[2],
									   .schema = texts[3],
									   .relation = texts[4],
									   .organization_id = content->organization_id,
									   .data_source_id = content->data_source_id,
									   .user_id = content->user_id,
									   .timeout = content->timeout,
									   .takes_a_part = content->takes_a_part};
}

shm_mq *
rg_stream_segment_queue(dsm_segment *segment)
{
	Segment *content = dsm_segment_address(segment);

	return (shm_mq *) ((char *) content + content->queue);
}
