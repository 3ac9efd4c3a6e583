/* Fault injection for a program that is started with LD_PRELOAD=shim.so: a wrong wall clock, and a disk that loses writes
 * that were not flushed.
 *
 *   SHIM_CLOCK=SECONDS   the wall clock of the program is ahead by this many seconds (behind, if negative).
 *   SHIM_FOLDER=PATH     writes to files in this folder are undone by a power cut unless they were flushed.
 *   SHIM_UNDO=PATH       the folder of the undo log: the content that a write overwrites is kept here, in one file per
 *                        inode, until the file is flushed. After the program was killed, durability.py (or
 *                        tests/durability/shim.rs) restores it.
 *   SHIM_LIES=1          flushes report success and do nothing: the control, which must lose writes.
 *
 * Build: cc -O1 -shared -fPIC -o shim.so shim.c -ldl -lpthread
 * A record has the offset, the length of the old content, the previous size of the file (8 bytes each, native byte order),
 * and the old content. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long ahead;
static const char *folder, *undo;
static int lies;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name, type) static type real; if (!real) real = (type)dlsym(RTLD_NEXT, name)

__attribute__((constructor)) static void settings(void) {
    const char *clock = getenv("SHIM_CLOCK"), *lie = getenv("SHIM_LIES");
    ahead = clock ? atol(clock) : 0;
    folder = getenv("SHIM_FOLDER");
    undo = getenv("SHIM_UNDO");
    lies = lie && *lie == '1';
}

int clock_gettime(clockid_t id, struct timespec *at) {
    int done = (int)syscall(SYS_clock_gettime, id, at);
    if (done == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) at->tv_sec += ahead;
    return done;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

/* Whether a file is in SHIM_FOLDER; gives the name of its undo log. The index of SQLite's write-ahead log is excluded: it is
 * shared memory, which SQLite rebuilds. */
static int watched(int fd, char *name, size_t room, off_t *size) {
    char link[64], path[4096];
    struct stat found;
    if (!folder || !undo) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    size_t prefix = strlen(folder);
    if (strncmp(path, folder, prefix) != 0 || path[prefix] != '/') return 0;
    if (strstr(path, "-shm") || strstr(path, ".lock") || strstr(path, ".log") || strstr(path, ".out")) return 0;
    if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) return 0;
    *size = found.st_size;
    snprintf(name, room, "%s/%llu", undo, (unsigned long long)found.st_ino);
    return 1;
}

/* Logs the old content before it is overwritten or truncated. */
static void keep(int fd, off_t at, size_t length) {
    char name[4200];
    off_t size;
    if (!watched(fd, name, sizeof name, &size)) return;
    size_t there = at >= size ? 0 : (size_t)(size - at) < length ? (size_t)(size - at) : length;
    unsigned char *record = malloc(24 + there);
    if (!record) abort();
    ssize_t got = there ? pread(fd, record + 24, there, at) : 0;
    /* The file is open for writing only. Reading it through another handle would release SQLite's locks. */
    if (got < 0) got = 0;
    uint64_t head[3] = {(uint64_t)at, (uint64_t)got, (uint64_t)size};
    memcpy(record, head, 24);
    int out = open(name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (out < 0 || syscall(SYS_write, out, record, 24 + (size_t)got) < 0) abort();
    close(out);
    free(record);
}

/* Drops the undo log after a flush: all writes so far survive. */
static void forget(int fd) {
    char name[4200];
    off_t size;
    if (watched(fd, name, sizeof name, &size)) truncate(name, 0);
}

#define GUARDED(call) pthread_mutex_lock(&lock); call; pthread_mutex_unlock(&lock)

static ssize_t written(int fd, const void *data, size_t length, off_t at) {
    ssize_t done;
    GUARDED(keep(fd, at, length); done = syscall(SYS_pwrite64, fd, data, length, at));
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return written(fd, data, length, at); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return written(fd, data, length, at); }

static int cut(int fd, off_t length) {
    int done;
    GUARDED(keep(fd, length, (size_t)1 << 40); done = (int)syscall(SYS_ftruncate, fd, length));
    return done;
}

int ftruncate(int fd, off_t length) { return cut(fd, length); }
int ftruncate64(int fd, off64_t length) { return cut(fd, length); }

static int flushed(int fd, long call) {
    int done = 0;
    char name[4200];
    off_t size;
    if (lies && watched(fd, name, sizeof name, &size)) return 0;
    GUARDED(done = (int)syscall(call, fd); if (done == 0) forget(fd));
    return done;
}

int fsync(int fd) { return flushed(fd, SYS_fsync); }
int fdatasync(int fd) { return flushed(fd, SYS_fdatasync); }
