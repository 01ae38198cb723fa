/*
 * paths.h — the columns of rows without a schema, told from their values: which paths there are, and of which
 * types the values at each of them are. A caller feeds it with the events of one value after the other (of
 * JSON text, of BSON, of an answer); each value is a row. The same values give the same paths, in the order
 * in which they first appear.
 *
 * Many paths cost no more memory than few: beyond the bounds below no path is added. An object with more
 * members than MOST_PATH_MEMBERS, or whose members' names look like data, is a map: its values are one path.
 */
#ifndef RG_INFERENCE_PATHS_H
#define RG_INFERENCE_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_PATHS        2000
#define MOST_PATH_DEPTH   20
#define MOST_PATH_MEMBERS 200
#define MOST_PATH_BYTES   (4 * 1024 * 1024) /* of all paths, written out */

/* A bit for each type. */
typedef uint32_t PathTypeSet;

#define PATH_TYPE(type) ((PathTypeSet) 1 << (type))

typedef struct PathType
{
	const char *name;    /* in the source's words */
	const char *pg_type; /* NULL: text */
	PathTypeSet absorbs; /* a path of these types and this one is of this one */
} PathType;

/* The types of a source, in the order in which several of them are named. */
typedef struct PathTypes
{
	const PathType *items;
	int count; /* at most 32 */
	int object;
	int array;
	PathTypeSet numbers; /* values of several of these are numbers all the same: numeric */
} PathTypes;

typedef struct PathNode
{
	char *name;
	size_t length;
	PathTypeSet types;    /* those that were seen; null is none */
	PathTypeSet fits;     /* all values that were seen are also of these narrower types */
	PathTypeSet declared; /* by the source: these count, whatever was seen */
	char *more; /* what else the source declares: members of a document, each with a comma before; or NULL */
	size_t path_bytes; /* of its path, written out */
	int depth;         /* of the row: 0 */
	bool is_map;       /* its only member stands for the values of all */
	int member_count;
	struct PathNode *parent;
	struct PathNode *members; /* of objects */
	struct PathNode *last_member;
	struct PathNode *next;    /* member of the same object */
	struct PathNode *element; /* of arrays: what all elements are */
	struct PathNode *next_of_bucket;
	uint64_t object; /* number of the object that had it last */
} PathNode;

typedef struct Paths Paths;

extern Paths *paths_create(const PathTypes *types);
extern void paths_free(Paths *paths);

/* The events of a value. The names of members are UTF-8 without NUL. */
extern void paths_object_begin(Paths *paths);
extern void paths_key(Paths *paths, const char *name, size_t length);
extern void paths_object_end(Paths *paths);
extern void paths_array_begin(Paths *paths);
extern void paths_array_end(Paths *paths);
extern void paths_null(Paths *paths);
/* fits: narrower types that it is of, too. A path is of one of them if all its values are. */
extern void paths_value(Paths *paths, int type, PathTypeSet fits);

/*
 * Before the value that comes: what the source declares of all values at its path. Takes `more` over. That
 * value itself is none: it shows only what is in it.
 */
extern void paths_declare(Paths *paths, PathTypeSet types, char *more);

/* To be called once, after the last value. Returns the row. */
extern const PathNode *paths_finish(Paths *paths);

/*
 * Adds to finished paths what is seen in others of the same types, as if their values had been fed, too. The
 * others stay as they are; the members of the row stay where they are.
 */
extern void paths_add(Paths *paths, const Paths *others);

/* How many paths were left out for the bounds: the values that had one. */
extern int64_t paths_left_out(const Paths *paths);

/* How many members have stood in an object twice. */
extern int64_t paths_repeated(const Paths *paths);

#endif
