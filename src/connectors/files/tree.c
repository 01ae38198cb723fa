#include "connectors/files/tree.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

void
give_up_folder(const char *code, const char *message, const char *path, const char *hint)
{
	give_up(&(Failure){.step = "query", .code = code, .message = message, .detail = path, .hint = hint});
}

void
give_up_changed_folder(const char *path)
{
	give_up(
		&(Failure){.step = "query",
				   .code = "relation_changed",
				   .transient = true,
				   .message = "The folder was changed while it was read.",
				   .detail = path,
				   .hint = "Write new parts under names that begin with `_`, and rename them at the end."});
}

/* Room is made for a power of two. */
TreeFile *
tree_add(Tree *tree, const char *path, int64_t size)
{
	TreeFile *file;

	if (tree->count == MOST_TREE_FILES)
		give_up_folder("too_large", "The folder has more than 10,000 files.", NULL, NULL);
	if ((tree->count & (tree->count - 1)) == 0)
		tree->files =
			reallocate(tree->files, (size_t) (tree->count == 0 ? 1 : 2 * tree->count) * sizeof(TreeFile));
	file = &tree->files[tree->count++];
	*file = (TreeFile){.path = copy_text(path), .size = size};
	return file;
}

bool
tree_passes_over(const char *name)
{
	return name[0] == '.' || name[0] == '_';
}

static int
order_files(const void *a, const void *b)
{
	return strcmp(((const TreeFile *) a)->path, ((const TreeFile *) b)->path);
}

void
tree_list(const StoredFile *folder, Tree *tree)
{
	*tree = (Tree){.folder = *folder};
	folder->below->list_tree(folder, tree);
	if (tree->count > 1)
		qsort(tree->files, (size_t) tree->count, sizeof(TreeFile), order_files);
}

void
tree_free(Tree *tree)
{
	for (int i = 0; i < tree->count; i++)
		free(tree->files[i].path);
	free(tree->files);
	*tree = (Tree){.files = NULL};
}

void
tree_open(const Tree *tree, const TreeFile *listed, StoredFile *file)
{
	const Below *below = tree->folder.below;

	if (below->open_listed != NULL)
		below->open_listed(listed, file);
	else if (!below->open(&tree->folder, listed->path, file) || strcmp(file->state, listed->state) != 0)
		give_up_changed_folder(listed->path);
	if (file->descriptor >= 0)
		(void) posix_fadvise(file->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
}
