/*
 * yaml_tree.h — a YAML text as the tree that the same document in JSON would be. Plain words are numbers,
 * truths and null as in JSON; `yes` and `on` are texts. What an alias stands for is repeated in its place, at
 * most MOST_YAML_NODES nodes in all. Merge keys are members of that name.
 */
#ifndef RG_HTTP_API_YAML_TREE_H
#define RG_HTTP_API_YAML_TREE_H

#include "connectors/jsontree/json_tree.h"

#define MOST_YAML_NODES 1000000

/* Returns NULL if the text is no YAML, with the reason: a text of at most `size` bytes. */
extern JsonTree *yaml_tree_read(const char *text, size_t length, char *fault, size_t size);

#endif
