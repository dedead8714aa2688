/* Counts what a process does to the files of a folder and to sockets, and kills it at the n-th such deed,
   as a power cut or kill -9 would; or lets the disk be full from the n-th on. Loaded by LD_PRELOAD.

   A deed is an open that makes or empties a file, a write, rename, link, unlink, mkdir, rmdir, truncation or
   allocation of a file below the folder (but not of its scratch), and a commit sent to a database server. Of writes
   to one file in a row the first and second count: before, in the middle, and, as the next deed, after. Where only
   turns count, these are renames, links and commits; where it is 2, every message to a server besides.
   CX_TEST_CLOCK moves the clock by so many seconds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#undef open
#undef open64
#undef openat
#undef openat64

static char folder[PATH_MAX];
static long at, seen;
static int full, armed, in_a_row, turns;
static char last[PATH_MAX + 16], told[PATH_MAX + 32];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void killer_arm(const char *below, long nth, int fills, int only_turns) {
    turns = only_turns;
    snprintf(folder, sizeof folder, "%s", below);
    at = nth; full = fills; seen = 0; armed = 1; last[0] = 0;
}
void killer_disarm(void) { armed = 0; }
long killer_seen(void) { return seen; }
const char *killer_told(void) { return told; }

static int ours(const char *path) {
    size_t n = strlen(folder);
    if (strncmp(path, folder, n) != 0 || (path[n] && path[n] != '/')) return 0;
    return strncmp(path + n, "/work", 5) != 0 && !strstr(path + n, ".lock") && !strstr(path + n, "-shm")
        && strcmp(path + n, "/writer.json") != 0;
}

/* Whether the deed fails, as the disk is full. */
static int deed(const char *what, const char *path, int needs_room) {
    int fails = 0;
    pthread_mutex_lock(&lock);
    char now[PATH_MAX + 16];
    snprintf(now, sizeof now, "%s %s", what, path);
    int same = strcmp(what, "write") == 0 && strcmp(now, last) == 0;
    in_a_row = same ? in_a_row + 1 : 1;
    memcpy(last, now, sizeof last);
    int is_turn = strcmp(what, "rename") == 0 || strcmp(what, "link") == 0 || strcmp(what, "commit") == 0;
    if (!(same && in_a_row > 2) && (is_turn || !turns)) {
        seen++;
        if (seen == at) {
            snprintf(told, sizeof told, "%s", now);
            if (!full) {
                char line[PATH_MAX + 32];
                int n = snprintf(line, sizeof line, "%s\n", now);
                syscall(SYS_write, 2, line, n);
                kill(getpid(), SIGKILL);
                for (;;) pause();
            }
        }
    }
    if (full && seen >= at && needs_room) fails = 1;
    pthread_mutex_unlock(&lock);
    if (fails) errno = ENOSPC;
    return fails;
}

static const char *path_of(int fd, char *out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = syscall(SYS_readlinkat, AT_FDCWD, link, out, PATH_MAX - 1);
    out[n > 0 ? n : 0] = 0;
    return out;
}

static const char *full_path(int dir, const char *path, char *out) {
    if (path[0] == '/') { snprintf(out, PATH_MAX, "%s", path); return out; }
    char base[PATH_MAX];
    if (dir == AT_FDCWD) { if (!getcwd(base, sizeof base)) base[0] = 0; } else path_of(dir, base);
    if (snprintf(out, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) out[0] = 0;
    return out;
}

static int named(const char *what, int dir, const char *path, int needs_room) {
    char name[PATH_MAX];
    if (!armed || !path || !ours(full_path(dir, path, name))) return 0;
    return deed(what, name, needs_room);
}

static int opened(const char *what, int fd, int needs_room) {
    char name[PATH_MAX];
    if (!armed || !ours(path_of(fd, name))) return 0;
    return deed(what, name, needs_room);
}

#define REAL(name) static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; va_start(rest, flags); mode = (mode_t)va_arg(rest, int); va_end(rest); }
#define MAKES(flags) ((flags) & (O_CREAT | O_TRUNC))

static int is_new(int dir, const char *path, int flags) {
    struct stat there;
    return (flags & O_TRUNC) || fstatat(dir, path, &there, 0) != 0;
}
#define OPEN(name) int name(const char *path, int flags, ...) { MODE(flags) REAL(name); \
    if (armed && MAKES(flags) && is_new(AT_FDCWD, path, flags) && named("make", AT_FDCWD, path, 1)) return -1; \
    return real(path, flags, mode); }
#define OPENAT(name) int name(int dir, const char *path, int flags, ...) { MODE(flags) REAL(name); \
    if (armed && MAKES(flags) && is_new(dir, path, flags) && named("make", dir, path, 1)) return -1; \
    return real(dir, path, flags, mode); }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)

ssize_t write(int fd, const void *data, size_t n) {
    REAL(write); return opened("write", fd, 1) ? -1 : real(fd, data, n); }
ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(writev); return opened("write", fd, 1) ? -1 : real(fd, parts, n); }
ssize_t pwrite(int fd, const void *data, size_t n, off_t where) {
    REAL(pwrite); return opened("write", fd, 1) ? -1 : real(fd, data, n, where); }
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t where) {
    REAL(pwrite64); return opened("write", fd, 1) ? -1 : real(fd, data, n, where); }
ssize_t sendfile(int fd, int from, off_t *where, size_t n);
ssize_t sendfile(int fd, int from, off_t *where, size_t n) {
    REAL(sendfile); return opened("write", fd, 1) ? -1 : real(fd, from, where, n); }
ssize_t sendfile64(int fd, int from, off64_t *where, size_t n);
ssize_t sendfile64(int fd, int from, off64_t *where, size_t n) {
    REAL(sendfile64); return opened("write", fd, 1) ? -1 : real(fd, from, where, n); }
ssize_t copy_file_range(int from, off64_t *a, int fd, off64_t *b, size_t n, unsigned flags) {
    REAL(copy_file_range); return opened("write", fd, 1) ? -1 : real(from, a, fd, b, n, flags); }
int ftruncate(int fd, off_t n) { REAL(ftruncate); return opened("truncate", fd, 0) ? -1 : real(fd, n); }
int ftruncate64(int fd, off64_t n) { REAL(ftruncate64); return opened("truncate", fd, 0) ? -1 : real(fd, n); }
int posix_fallocate(int fd, off_t a, off_t n) {
    REAL(posix_fallocate); return opened("allocate", fd, 1) ? ENOSPC : real(fd, a, n); }
int fallocate64(int fd, int mode, off64_t a, off64_t n) {
    REAL(fallocate64); return opened("allocate", fd, 1) ? -1 : real(fd, mode, a, n); }
int rename(const char *a, const char *b) {
    REAL(rename); return named("rename", AT_FDCWD, a, 0) ? -1 : real(a, b); }
int renameat(int da, const char *a, int db, const char *b) {
    REAL(renameat); return named("rename", da, a, 0) ? -1 : real(da, a, db, b); }
int renameat2(int da, const char *a, int db, const char *b, unsigned flags) {
    REAL(renameat2); return named("rename", da, a, 0) ? -1 : real(da, a, db, b, flags); }
int link(const char *a, const char *b) { REAL(link); return named("link", AT_FDCWD, b, 1) ? -1 : real(a, b); }
int linkat(int da, const char *a, int db, const char *b, int flags) {
    REAL(linkat); return named("link", db, b, 1) ? -1 : real(da, a, db, b, flags); }
int unlink(const char *path) { REAL(unlink); return named("unlink", AT_FDCWD, path, 0) ? -1 : real(path); }
int unlinkat(int dir, const char *path, int flags) {
    REAL(unlinkat); return named("unlink", dir, path, 0) ? -1 : real(dir, path, flags); }
int remove(const char *path) { REAL(remove); return named("unlink", AT_FDCWD, path, 0) ? -1 : real(path); }
int mkdir(const char *path, mode_t mode) {
    REAL(mkdir); return is_new(AT_FDCWD, path, 0) && named("mkdir", AT_FDCWD, path, 1) ? -1 : real(path, mode); }
int mkdirat(int dir, const char *path, mode_t mode) {
    REAL(mkdirat); return is_new(dir, path, 0) && named("mkdir", dir, path, 1) ? -1 : real(dir, path, mode); }
int rmdir(const char *path) { REAL(rmdir); return named("rmdir", AT_FDCWD, path, 0) ? -1 : real(path); }
ssize_t send(int fd, const void *data, size_t n, int flags) {
    REAL(send);
    if (armed && (turns == 2 || (n < 64 && memmem(data, n, "COMMIT", 6)))) deed("commit", "to a server", 0);
    return real(fd, data, n, flags); }

static long shift(void) {
    static long by; static int known;
    if (!known) { const char *text = getenv("CX_TEST_CLOCK"); by = text ? atol(text) : 0; known = 1; }
    return by;
}
int clock_gettime(clockid_t clock, struct timespec *out) {
    REAL(clock_gettime); int done = real(clock, out);
    if (!done && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) out->tv_sec += shift();
    return done;
}
int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    REAL(gettimeofday); int done = real(out, zone); if (!done) out->tv_sec += shift(); return done; }
time_t time(time_t *out) { struct timespec now; clock_gettime(CLOCK_REALTIME, &now); if (out) *out = now.tv_sec; return now.tv_sec; }
