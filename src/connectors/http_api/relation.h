/*
 * relation.h — an operation, or an endpoint, as a relation.
 */
#ifndef RG_HTTP_API_RELATION_H
#define RG_HTTP_API_RELATION_H

#include "connectors/http_api/pages.h"

/* Adds the relation of an operation of the document. */
extern FileRelation *relation_of_operation(FileRelations *relations, const ApiOperation *operation);

/* Adds the relation of an endpoint, whose first page has been read: its columns are told from the rows. */
extern FileRelation *
relation_of_endpoint(FileRelations *relations, const ApiOperation *operation, const Pages *first);

/* Adds a relation with the columns that the request names. */
extern FileRelation *
relation_of_request(FileRelations *relations, const ApiOperation *operation, const ReadRequest *read);

/* Is the value of this column that of a parameter, not of the answer? */
extern bool column_is_parameter(const FileColumn *column);

#endif
