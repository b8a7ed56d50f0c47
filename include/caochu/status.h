/** @file caochu/status.h  Result codes, and the record of what failed and where.
 *
 *  Every call that can fail returns enum cao_status, takes struct cao_error * last (NULL is
 *  allowed) and leaves its outputs untouched on failure. Calls that cannot fail return their value.
 *  SPDX-License-Identifier: MIT */
#ifndef CAO_STATUS_H
#define CAO_STATUS_H

#define CAO_CHECKED           __attribute__((warn_unused_result))
#define CAO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum cao_status {
    CAO_OK,
    CAO_EARG,    /**< the caller or the project file asks for something that cannot be */
    CAO_EDATA,   /**< an input is there but is wrong: torn, of another level, out of range */
    CAO_EIO,     /**< the system refused: missing file, no permission, disk full */
    CAO_ENOMEM,  /**< memory, or the sized workspace, is used up */
    CAO_ECANCEL, /**< stopped by the user */
    CAO_EBUSY,   /**< another process is at work on the same output */
    CAO_EMANY,   /**< more failures than the caller tolerates */
    CAO_N_STATUS /**< sentinel */
};

/** Owned by the caller, usually on its stack; the text reads from the outside in. */
struct cao_error {
    enum cao_status code;
    char text[1024];
};

/** Format into @p err (may be NULL) and return @p code, for `return cao_fail(...)`. */
CAO_PRINTF(3, 4)
enum cao_status cao_fail(struct cao_error *err, enum cao_status code, const char *fmt, ...);

/** Prefix the text of @p err with where it happened ("tile r3c4: ..."). Returns err's code, or
 *  @p code where err is NULL, for `return cao_within(err, st, "tile %s", id)`. */
CAO_PRINTF(3, 4)
enum cao_status cao_within(struct cao_error *err, enum cao_status code, const char *fmt, ...);

#ifdef __clang_analyzer__ /* which cannot see that what goes in comes out, and so is never CAO_OK */
#define cao_fail(err, code, ...)   ((cao_fail)(err, code, __VA_ARGS__), (code))
#define cao_within(err, code, ...) ((cao_within)(err, code, __VA_ARGS__), (code))
#endif

/** One word for a status: "ok", "usage", "data", "io", "memory", "cancelled", "busy", "too many failures". Never NULL. */
const char *cao_status_name(enum cao_status code);

/** What the program ends with. */
enum cao_exit {
    CAO_EXIT_DONE = 0,
    CAO_EXIT_FAILED = 1,
    CAO_EXIT_USAGE = 2,
    CAO_EXIT_PARTIAL = 3,
    CAO_EXIT_MANY = 4,
    CAO_EXIT_BUSY = 5,
    CAO_EXIT_STOPPED = 130 /* as a shell reports SIGINT */
};
/** The exit code of a status. */
enum cao_exit cao_status_exit(enum cao_status code);
#endif
