/*
 * encoding.h — which encoding a text file has, and its text as UTF-8.
 */
#ifndef RG_FILES_ENCODING_H
#define RG_FILES_ENCODING_H

#include "connectors/files/unpacked.h"

typedef enum Encoding
{
	ENCODING_UNKNOWN,
	ENCODING_UTF8,
	ENCODING_UTF16LE,
	ENCODING_UTF16BE,
	ENCODING_UTF32LE,
	ENCODING_UTF32BE,
	ENCODING_WINDOWS_1252
} Encoding;

/* The encoding of that name, which is written in any case, with or without hyphens. */
extern Encoding encoding_of_name(const char *name);
extern const char *encoding_name(Encoding encoding);

/*
 * By the mark at the beginning, else by zeros at every second byte, else UTF-8. *mark: the length of the
 * mark. length: of what is looked at, the beginning of the file.
 */
extern Encoding encoding_guess(const char *bytes, size_t length, size_t *mark);

typedef struct EncodedText
{
	Unpacked in;
	Encoding encoding;
	bool is_invalid; /* a byte is no part of a character; U+FFFD stands in its place */
	int64_t zeros;   /* NUL characters that were left out */
	char *raw;
	size_t raw_length; /* what is not yet decoded */
	size_t raw_used;
	bool has_ended;
} EncodedText;

/* encoding: ENCODING_UNKNOWN to guess it. */
extern void text_begin(EncodedText *text, const StoredFile *file, Encoding encoding);

/* Appends UTF-8, of whole characters, without NUL. Returns how many bytes there are: 0 at the end. size: at
 * least 16. */
extern size_t text_read(EncodedText *text, char *out, size_t size);

extern void text_end(EncodedText *text);

#endif
