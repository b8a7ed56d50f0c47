/** @file run/reach.h  Whether the system gives a scene's files at all: a torn file is the file's fault
 *  and stays so, a share that does not answer is not. SPDX-License-Identifier: MIT */
#ifndef CAO_RUN_REACH_H
#define CAO_RUN_REACH_H
#include <stdatomic.h>
#include "caochu/scene.h"

enum cao_reach {
    CAO_REACH_WHOLE,  /**< every byte can be read: what fails is what they say */
    CAO_REACH_GONE,   /**< a file is not there */
    CAO_REACH_TROUBLE /**< the system fails to read one: it may be better in a moment */
};
/** Reads the files of the scene's bands and quality layers from end to end. */
enum cao_reach cao_scene_reach(const struct cao_scene *s);

/** Sleep, but not on when *cancel is set (may be NULL). */
void cao_wait(double seconds, const atomic_int *cancel);
#endif
