/*
 * values.h — the operations sample and read: values of one relation.
 */
#ifndef RG_S3_VALUES_H
#define RG_S3_VALUES_H

#include "connectors/s3/source.h"

extern void values_sample(const Request *request, Source *source);
extern void values_read(const Request *request, Source *source);

#endif
