/** @file run/folder.h  The output folder: what killed runs left in it is cleared away.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_FOLDER_H
#define CAO_RUN_FOLDER_H
#include <stddef.h>
#include "caochu/file.h"

/** Remove drafts (".part-PID-N-NAME") in @p dir, its periods and their tiles. To be called under
 *  the folder's lock: no run is at work there then. Outside of the tiles' own folders a draft of a
 *  process that lives is left, since other programs may write there. What cannot be removed is
 *  left without a word: it harms nothing. @return how many were removed */
size_t cao_folder_sweep(const char *dir);
#endif
