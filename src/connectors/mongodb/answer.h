/*
 * answer.h — a message of MongoDB's protocol that answers another one. Its header has four numbers: its
 * length, its own number, that of the message that it answers, and its kind.
 */
#ifndef RG_MONGODB_ANSWER_H
#define RG_MONGODB_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_HEADER_BYTES 16
#define ANSWER_LONGEST      (48000000 + ANSWER_HEADER_BYTES)

/* The number that begins here. */
extern int64_t answer_number(const uint8_t *bytes);

/* Is it the whole answer to the question that has this header, of one document that fills it, in which all
 * documents have their length? The message has its header. */
extern bool answer_is_sound(const uint8_t *message, size_t size, const uint8_t *question);

#endif
