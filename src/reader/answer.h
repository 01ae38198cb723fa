/* answer.h — inside the reader room: the frames that a connector sends for a stream. */
#ifndef RG_READER_ANSWER_H
#define RG_READER_ANSWER_H

#include "reader/reading.h"

/* Takes what the feed's buffer holds, until nothing is complete or the queue is full. */
extern void rg_reads_take_answer(RgReading *reading);

#endif
