/* SPDX-License-Identifier: MIT */
#include "caochu/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "caochu/text.h"

enum { WHO = 256 };
static const char file_name[] = ".caochu.lock";

static void read_who(int fd, char who[WHO])
{
    ssize_t n = pread(fd, who, WHO - 1, 0);
    who[n > 0 ? n : 0] = '\0';
    who[strcspn(who, "\n")] = '\0';
}

static void write_who(int fd, const char *what)
{
    char host[65] = "this machine", now[CAO_TIME_TEXT], who[WHO];
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "this machine");
    cao_time_format((int64_t)time(NULL), now);
    int n = snprintf(who, sizeof who, "process %ld on %s since %s: %.120s\n", (long)getpid(), host,
                     now, what ? what : "caochu");
    /* Only for people to read: the lock holds without it. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, who, (size_t)n < WHO ? (size_t)n : WHO - 1, 0) < 0)
        return;
}

/* The holder before us may have removed the file between our open and our lock. */
static bool still_there(int fd, const char *path)
{
    struct stat held, there;
    return fstat(fd, &held) == 0 && stat(path, &there) == 0 && held.st_ino == there.st_ino &&
           held.st_dev == there.st_dev;
}

enum cao_status cao_lock_take(struct cao_lock *lock, const char *dir, const char *what,
                              struct cao_error *err)
{
    char who[WHO];
    struct cao_lock l = { 0 };
    enum cao_status st = cao_path_join(l.path, dir, file_name, err);
    if (st)
        return st;
    for (;;) {
        l.fd = open(l.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (l.fd < 0)
            return cao_fail(err, CAO_EIO, "%s: cannot be written: %s", dir, strerror(errno));
        if (flock(l.fd, LOCK_EX | LOCK_NB) != 0) {
            int cause = errno;
            read_who(l.fd, who);
            close(l.fd);
            if (cause == EINTR)
                continue;
            if (cause == EWOULDBLOCK)
                return cao_fail(err, CAO_EBUSY,
                                "%s: another run is at work there (%s); wait for it, or choose "
                                "another output folder",
                                dir, who[0] ? who : "it does not say which");
            l.fd = 0; /* ENOSYS, ENOLCK: as on Lustre without -o flock */
            l.blind = true;
            unlink(l.path);
            break;
        }
        if (still_there(l.fd, l.path)) {
            write_who(l.fd, what);
            break;
        }
        close(l.fd);
    }
    *lock = l;
    return CAO_OK;
}

void cao_lock_release(struct cao_lock *lock)
{
    if (lock->fd > 0) {
        unlink(lock->path); /* while it is held: see still_there() */
        close(lock->fd);
    }
    *lock = (struct cao_lock){ 0 };
}

bool cao_lock_held(const char *dir, char who[WHO])
{
    char path[CAO_PATH_MAX];
    if (cao_path_join(path, dir, file_name, NULL))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (held)
        read_who(fd, who);
    close(fd);
    return held;
}
