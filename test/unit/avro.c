/*
 * avro.c — object containers of Avro that are made here: what is in them, and what is wrong with them.
 */
#include "connectors/avro/avro_values.h"

#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "connectors/common/attempt.h"
#include "tap.h"
#include "wire/wire.h"

#define RECORD(fields) "{\"type\":\"record\",\"name\":\"r\",\"namespace\":\"a.b\",\"fields\":[" fields "]}"
#define FIELD(type)    "{\"name\":\"f\",\"type\":" type "}"

static const char marker[AVRO_MARKER_BYTES] = "0123456789abcde";

/* For a build with sanitizers: what gives up midway frees nothing, since a connector then ends. */
extern int __lsan_is_turned_off(void);

int
__lsan_is_turned_off(void)
{
	return 1;
}

/* ---- files ---- */

static void
add_number(WireBuffer *out, int64_t number)
{
	uint64_t bits = ((uint64_t) number << 1) ^ (uint64_t) (number >> 63);

	for (; bits >= 0x80; bits >>= 7)
		wire_append(out, (char[]){(char) (bits | 0x80)}, 1);
	wire_append(out, (char[]){(char) bits}, 1);
}

static void
add_span(WireBuffer *out, const char *bytes, size_t length)
{
	add_number(out, (int64_t) length);
	wire_append(out, bytes, length);
}

static WireBuffer
begin_file(const char *schema, const char *codec)
{
	WireBuffer out = {.data = NULL};

	wire_append(&out, "Obj\1", 4);
	add_number(&out, -2); /* a count below 0, and the bytes of the piece */
	add_number(&out, 1000);
	add_span(&out, "avro.schema", 11);
	add_span(&out, schema, strlen(schema));
	add_span(&out, "avro.codec", 10);
	add_span(&out, codec, strlen(codec));
	add_number(&out, 0);
	wire_append(&out, marker, sizeof(marker));
	return out;
}

static void
add_block(WireBuffer *out, int64_t objects, const char *bytes, size_t length)
{
	add_number(out, objects);
	add_span(out, bytes, length);
	wire_append(out, marker, sizeof(marker));
}

/* ---- objects as texts ---- */

static void write_value(WireBuffer *out, AvroFile *avro, const AvroType *type);

static void
write_items(WireBuffer *out, AvroFile *avro, const AvroType *type)
{
	AvroItems items = {0};

	wire_append_text(out, "[");
	while (avro_next_item(avro, &items))
	{
		if (type->kind == AVRO_MAP)
		{
			AvroBytes key = avro_take_key(avro);

			wire_append(out, key.bytes, key.length);
			wire_append_text(out, "=");
		}
		write_value(out, avro, type->fields[0].type);
		wire_append_text(out, ";");
	}
	wire_append_text(out, "]");
}

static void
write_value(WireBuffer *out, AvroFile *avro, const AvroType *type)
{
	AvroBytes bytes;
	char number[64];

	switch (type->kind)
	{
		case AVRO_NULL:
			wire_append_text(out, "null");
			break;
		case AVRO_BOOLEAN:
			wire_append_text(out, avro_take_boolean(avro) ? "true" : "false");
			break;
		case AVRO_FLOAT:
		case AVRO_DOUBLE:
			snprintf(number, sizeof(number), "%g", avro_take_number(avro, type));
			wire_append_text(out, number);
			break;
		case AVRO_INT:
		case AVRO_LONG:
		case AVRO_ENUM:
			wire_append_integer(out, avro_take_integer(avro, type));
			break;
		case AVRO_BYTES:
		case AVRO_STRING:
		case AVRO_FIXED:
			bytes = avro_take_bytes(avro, type);
			wire_append(out, bytes.bytes, bytes.length);
			break;
		case AVRO_UNION:
			write_value(out, avro, avro_take_branch(avro, type));
			break;
		case AVRO_RECORD:
			for (int i = 0; i < type->count; i++)
			{
				wire_append_text(out, i > 0 ? "," : "");
				write_value(out, avro, type->fields[i].type);
			}
			break;
		default:
			write_items(out, avro, type);
	}
}

typedef struct Reading
{
	StoredFile stored;
	bool skips;
	WireBuffer text;
} Reading;

static void
read_objects(void *argument)
{
	Reading *reading = argument;
	AvroFile avro;

	avro_open(&avro, &reading->stored);
	while (avro_next(&avro))
	{
		if (reading->skips)
			avro_skip(&avro, avro.type);
		else
			write_value(&reading->text, &avro, avro.type);
		wire_append_text(&reading->text, "|");
	}
	avro_close(&avro);
}

/* The objects, or why they cannot be read. The text is the caller's. */
static char *
read_file(WireBuffer *file, bool skips)
{
	Reading reading = {.skips = skips};
	AttemptFailure failure;
	int descriptor = memfd_create("avro", MFD_CLOEXEC);

	if (write(descriptor, file->data, file->length) != (ssize_t) file->length)
		abort();
	storage_take(&reading.stored, descriptor, "x");
	if (!attempt(read_objects, &reading, &failure))
	{
		wire_reset(&reading.text);
		wire_append_text(&reading.text, failure.detail);
	}
	close(descriptor);
	wire_append(&reading.text, "", 1);
	return reading.text.data;
}

static void
is_read(WireBuffer *file, const char *expected, const char *name)
{
	char *text = read_file(file, false);

	ok(strcmp(text, expected) == 0, "%s", name);
	if (strcmp(text, expected) != 0)
		printf("# got: %s\n", text);
	free(text);
	wire_free(file);
}

/* A file without packing, of one block with these objects. */
static void
block_is(const char *schema, int64_t objects, const char *bytes, size_t length, const char *expected,
		 const char *name)
{
	WireBuffer file = begin_file(schema, "null");

	add_block(&file, objects, bytes, length);
	is_read(&file, expected, name);
}

#define BLOCK_IS(schema, objects, bytes, expected, name)                                                     \
	block_is(schema, objects, bytes, sizeof(bytes) - 1, expected, name)

/* ---- what is read ---- */

static void
test_values(void)
{
	BLOCK_IS("\"int\"", 3, "\1\2\x80\1", "-1|1|64|", "numbers");
	BLOCK_IS("\"long\"", 1, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1", "-9223372036854775808|",
			 "the least number");
	BLOCK_IS("[\"null\",\"string\",\"boolean\"]", 3, "\0\2\4ab\4\1", "null|ab|true|", "a union");
	BLOCK_IS("\"float\"", 1, "\0\0\xC0\x3F", "1.5|", "a float");
	BLOCK_IS("\"double\"", 1, "\0\0\0\0\0\0\xF8\xBF", "-1.5|", "a double");
	BLOCK_IS("{\"type\":\"array\",\"items\":\"int\"}", 1, "\4\2\4\1\2\6\0", "[1;2;3;]|",
			 "an array of two pieces, one of which tells its bytes");
	BLOCK_IS("{\"type\":\"map\",\"values\":\"int\"}", 2, "\2\2k\2\0\0", "[k=1;]|[]|", "maps");
	BLOCK_IS("{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}", 1, "\2", "1|", "an enum");
	BLOCK_IS("{\"type\":\"fixed\",\"name\":\"x\",\"size\":2}", 2, "abcd", "ab|cd|", "a fixed");
	BLOCK_IS(RECORD(FIELD("\"int\"") "," FIELD("[\"null\",\"a.b.r\"]")), 1, "\2\2\4\0", "1,2,null|",
			 "a record that holds itself");
	BLOCK_IS(RECORD(FIELD("{\"type\":\"fixed\",\"name\":\"x\",\"size\":1}") "," FIELD("\"x\"")), 1, "ab",
			 "a,b|", "a name of the namespace around it");
	BLOCK_IS("{\"type\":{\"type\":\"string\"}}", 1, "\2a", "a|", "a type in a type");
}

static void
test_codecs(void)
{
	static const char objects[] = "\2\4\6";
	char packed[256];
	size_t length = sizeof(packed);
	WireBuffer file = begin_file("\"int\"", "snappy");
	uint32_t sum = (uint32_t) crc32(0, (const Bytef *) objects, 3);
	z_stream stream = {
		.next_in = (Bytef *) objects, .avail_in = 3, .next_out = (Bytef *) packed, .avail_out = 256};

	snappy_compress(objects, 3, packed, &length);
	for (int i = 0; i < 4; i++)
		packed[length + (size_t) i] = (char) (sum >> (24 - 8 * i));
	add_block(&file, 3, packed, length + 4);
	is_read(&file, "1|2|3|", "Snappy");
	file = begin_file("\"int\"", "snappy");
	packed[length]++;
	add_block(&file, 3, packed, length + 4);
	is_read(&file, "a block is not as it was written: its checksum differs", "a wrong sum");
	file = begin_file("\"int\"", "zstandard");
	length = ZSTD_compress(packed, sizeof(packed), objects, 3, 1);
	add_block(&file, 3, packed, length);
	is_read(&file, "1|2|3|", "zstandard");
	file = begin_file("\"int\"", "zstandard");
	add_block(&file, 3, packed, length - 1);
	is_read(&file, "a block cannot be unpacked", "zstandard that ends too early");
	deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
	deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	file = begin_file("\"int\"", "deflate");
	add_block(&file, 3, packed, stream.total_out);
	is_read(&file, "1|2|3|", "deflate");
	file = begin_file("\"int\"", "deflate");
	add_block(&file, 3, packed, stream.total_out - 1);
	is_read(&file, "a block cannot be unpacked", "deflate that ends too early");
	file = begin_file("\"int\"", "xz");
	is_read(&file, "The codec is xz.", "a codec that is not read");
}

/* 100 MB of zeros. */
static void
test_bomb(void)
{
	size_t length = 100000000;
	char *zeros = calloc(1, length);
	char *packed = malloc(ZSTD_compressBound(length));
	WireBuffer file = begin_file("\"int\"", "zstandard");

	add_block(&file, 1, packed, ZSTD_compress(packed, ZSTD_compressBound(length), zeros, length, 1));
	is_read(&file, "a block unpacks to more than 64 MiB", "a bomb");
	free(zeros);
	free(packed);
}

/* ---- what is wrong ---- */

static void
test_faults(void)
{
	WireBuffer file = begin_file("\"int\"", "null");

	BLOCK_IS("\"int\"", 2, "\2", "an object ends within a number", "too few bytes");
	BLOCK_IS("\"int\"", 1, "\2\2", "a block has more bytes than its objects", "too many bytes");
	BLOCK_IS("\"int\"", -1, "\2", "a block has an impossible number of objects or bytes", "a number below 0");
	BLOCK_IS("\"int\"", 1, "\x80\x80\x80\x80\x20", "an int has more than 32 bits", "a large int");
	BLOCK_IS("\"long\"", 1, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\1", "a number has more than 10 bytes",
			 "a long number");
	BLOCK_IS("\"string\"", 1, "\x14x", "a value is longer than its block", "a long text");
	BLOCK_IS("\"string\"", 1, "\1x", "a value is longer than its block", "a text of -1 bytes");
	BLOCK_IS("[\"null\"]", 1, "\2", "a value is of no branch of its union", "a branch that is not there");
	BLOCK_IS("\"boolean\"", 1, "\2", "a boolean is neither true nor false", "a boolean of 2");
	BLOCK_IS("\"null\"", 1000000, "", "it has more than 10,000 values without a byte", "many of nothing");
	BLOCK_IS("{\"type\":\"array\",\"items\":\"null\"}", 1, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F\0",
			 "it has more than 10,000 values without a byte", "a long array of nothing");
	is_read(&file, "", "no block");
	file = begin_file("\"int\"", "null");
	add_block(&file, 1, "\2", 1);
	file.data[file.length - 1]++;
	is_read(&file, "the mark behind a block is not that of the file", "another mark");
	file = begin_file("\"int\"", "null");
	file.length -= 3;
	is_read(&file, "it ends within its header", "a header that ends too early");
	file = begin_file("\"int\"", "null");
	file.data[3]++;
	is_read(&file, "it does not begin as an Avro file does", "another file");
}

static void
is_skipped(const char *schema, const char *bytes, size_t length, const char *expected, const char *name)
{
	WireBuffer file = begin_file(schema, "null");
	char *text;

	add_block(&file, 1, bytes, length);
	text = read_file(&file, true);
	ok(strcmp(text, expected) == 0, "%s", name);
	free(text);
	wire_free(&file);
}

/* A record of ten records of ten records …: nothing to read, and 10^9 steps. */
static void
test_nothing(void)
{
	char schema[8192];
	char *end = schema;

	end += sprintf(end, "[{\"type\":\"record\",\"name\":\"r0\",\"fields\":[]}");
	for (int i = 1; i < 10; i++)
	{
		end += sprintf(end, ",{\"type\":\"record\",\"name\":\"r%d\",\"fields\":[", i);
		for (int j = 0; j < 10; j++)
			end += sprintf(end, "%s{\"name\":\"f\",\"type\":\"r%d\"}", j > 0 ? "," : "", i - 1);
		end += sprintf(end, "]}");
	}
	sprintf(end, "]");
	is_skipped(schema, "\x12", 1, "it has more than 10,000 values without a byte",
			   "a billion records without a byte");
	is_skipped(RECORD(FIELD("\"r\"")), "", 0, "values are nested in more than 500 levels",
			   "a record in itself");
}

static void
test_schemas(void)
{
	BLOCK_IS("{", 0, "", "its schema cannot be read: it is no JSON in line 1, byte 2", "no JSON");
	BLOCK_IS("\"x\"", 0, "", "its schema cannot be read: it names a type that it has not told",
			 "an unknown name");
	BLOCK_IS("\"array\"", 0, "", "its schema cannot be read: a type lacks what it holds",
			 "an array of nothing");
	BLOCK_IS(RECORD("{\"name\":\"f\"}"), 0, "", "its schema cannot be read: a type is missing", "no type");
	BLOCK_IS(RECORD("{\"type\":\"int\"}"), 0, "", "its schema cannot be read: a field has no name",
			 "no name");
	BLOCK_IS("[\"null\",[\"int\"]]", 0, "", "its schema cannot be read: a union holds a union", "two unions");
	BLOCK_IS("{\"type\":\"fixed\",\"name\":\"x\",\"size\":-1}", 0, "",
			 "its schema cannot be read: a fixed has no size", "a size below 0");
	BLOCK_IS(RECORD(FIELD("{\"type\":\"enum\",\"name\":\"r\",\"symbols\":[]}")), 0, "",
			 "its schema cannot be read: two types have the same name", "a name again");
}

int
main(void)
{
	test_values();
	test_codecs();
	test_bomb();
	test_faults();
	test_nothing();
	test_schemas();
	return finished();
}
