/** @file caochu/profile_file.h  Reading and finding the YAML files of profiles.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_PROFILE_FILE_H
#define CAO_PROFILE_FILE_H
#include "caochu/profile.h"

/** Load the profile @p name: a path when it holds '/' or ends in .yaml (relative to @p base_dir),
 *  else NAME.yaml in @p data_dir. @p yield_set "" takes the profile's default set.
 *  @retval CAO_EARG unknown name (the text lists those there are), unknown key, number out of
 *  bounds, a format newer than this program: text reads "FILE:LINE: ..." */
CAO_CHECKED enum cao_status cao_profile_load(const char *name, const char *base_dir,
                                             const char *data_dir, const char *yield_set,
                                             struct cao_profile *profile, struct cao_error *err);
/** As cao_profile_load(), then lay texts of YAML over it, such as "intake: {kg_day: 1.6}", each named
 *  in messages and as its coefficients' source by the text beside it. */
struct cao_profile_patch {
    const char *yaml, *name;
};
CAO_CHECKED enum cao_status cao_profile_load_patched(const char *name, const char *base_dir,
                                                     const char *data_dir, const char *yield_set,
                                                     const struct cao_profile_patch *patches,
                                                     size_t n_patches, struct cao_profile *profile,
                                                     struct cao_error *err);
/** The profile of a project with its set and its file of equations. @p name NULL: the project's own. */
struct cao_project;
CAO_CHECKED enum cao_status cao_profile_of_project(const struct cao_project *project,
                                                   const char *name, const char *data_dir,
                                                   const struct cao_profile_patch *patches,
                                                   size_t n_patches, struct cao_profile *profile,
                                                   struct cao_error *err);
void cao_profile_release(struct cao_profile *p);
/** The whole set of a profile as one text of YAML, what it is based on laid under it, each value with the file and
 *  line that it stands in as a comment; read again it gives the same profile. *out is for free().
 *  @retval as cao_profile_load() */
CAO_CHECKED enum cao_status cao_profile_resolved(const char *name, const char *base_dir,
                                                 const char *data_dir, char **out, size_t *size,
                                                 struct cao_error *err);
#endif
