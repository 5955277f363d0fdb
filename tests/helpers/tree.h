/* SPDX-License-Identifier: Apache-2.0 */
/* tree.h — files of the source tree and scratch folders, whatever the current folder is. */
#ifndef TREE_H
#define TREE_H

/* The path of a file of the tree. Static storage, overwritten by the eighth call after. */
const char *tree_path(const char *relative);

/* A new folder below /tmp, removed with what is in it by tree_scratch_remove. */
void tree_scratch(char out[64]);
void tree_scratch_remove(const char *folder);

/* Write a file with this text. */
void tree_write(const char *path, const char *text);

#endif
