/* Stands between dtr and the operating system, preloaded by the tests of this folder: makes the n-th write or fsync of
 * the register's files fail, records what is written and what is synced, and sets the clock off. What to do stands in a
 * file that both sides map (DTR_FEJL_STYRING, numbers of 64 bits); what is recorded goes to DTR_FEJL_LOG, if given.
 *
 * The register's files are those in the folder DTR_FEJL_MAPPE whose names begin with "register.".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct styring {
    _Atomic int64_t kald;      /* calls on the register's files so far */
    _Atomic int64_t fejl_fra;  /* the first call that fails; 0: none does */
    _Atomic int64_t fejl_til;  /* the first that goes well again */
    _Atomic int64_t fejlkode;  /* errno */
    _Atomic int64_t kun_skriv; /* 1: only what makes a file larger or writes to it fails, as on a full disk */
    _Atomic int64_t ramt;      /* calls that were made to fail */
    _Atomic int64_t kort;      /* 1: a write that fails has written half */
    _Atomic int64_t ur_ms;     /* added to the clock */
    _Atomic int64_t plads;     /* bytes by which the files may grow together, and one more; 0: any */
};

static struct styring *styring;
static int log_fd = -1;
static char mappe[4096];
static pthread_mutex_t en_ad_gangen = PTHREAD_MUTEX_INITIALIZER;

#define NAESTE(type, navn) \
    static __typeof__(type) naeste; \
    if (!naeste) naeste = (__typeof__(type))dlsym(RTLD_NEXT, navn)

static ssize_t skriv(int fd, const void *bytes, size_t count)
{
    NAESTE(ssize_t (*)(int, const void *, size_t), "write");
    return naeste(fd, bytes, count);
}

__attribute__((constructor)) static void begynd(void)
{
    const char *fil = getenv("DTR_FEJL_STYRING"), *log = getenv("DTR_FEJL_LOG"), *i = getenv("DTR_FEJL_MAPPE");
    if (!fil || !i || !realpath(i, mappe)) return;
    int fd = open(fil, O_RDWR | O_CLOEXEC);
    if (fd < 0) return;
    void *at = mmap(NULL, sizeof(struct styring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED) return;
    if (log) log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    styring = at;
}

/* Whether a path is one of the register's files. */
static int er_vor(const char *path)
{
    size_t length = strlen(mappe);
    return styring && length && strncmp(path, mappe, length) == 0
        && strncmp(path + length, "/register.", 10) == 0;
}

/* The path behind a descriptor, if it is one of the register's files. */
static int vor(int fd, char *path, size_t size)
{
    if (!styring) return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return er_vor(path);
}

/* Counts a call; the error that it shall have, or 0. */
static int fejler(int skriver)
{
    int64_t nr = atomic_fetch_add(&styring->kald, 1) + 1;
    int64_t fra = atomic_load(&styring->fejl_fra);
    if (!fra || nr < fra || nr >= atomic_load(&styring->fejl_til)) return 0;
    if (atomic_load(&styring->kun_skriv) && !skriver) return 0;
    atomic_fetch_add(&styring->ramt, 1);
    return (int)atomic_load(&styring->fejlkode);
}

/* Takes room for what a write makes a file larger by; errno when there is not enough. What a file is cut by is given back, for
 * the log is cut whenever nothing is written for a while. What a removed file had is not, but for one that is written to prove
 * room. */
static int fylder(int fd, uint64_t end)
{
    int64_t left = atomic_load(&styring->plads);
    struct stat now;
    if (!left || fstat(fd, &now) != 0 || end <= (uint64_t)now.st_size) return 0;
    int64_t grows = (int64_t)(end - (uint64_t)now.st_size);
    if (left - 1 < grows) return ENOSPC;
    atomic_fetch_sub(&styring->plads, grows);
    return 0;
}

/* A line of the record: kind, path, offset, length and bytes, native byte order. */
static void noter(char kind, const char *path, uint64_t offset, uint64_t length, const void *bytes, uint64_t held)
{
    if (log_fd < 0) return;
    uint64_t paths = strlen(path);
    uint64_t head[4] = {paths, offset, length, held};
    skriv(log_fd, &kind, 1);
    skriv(log_fd, head, sizeof head);
    skriv(log_fd, path, paths);
    if (held) skriv(log_fd, bytes, held);
}

static ssize_t paa_plads(int fd, const void *bytes, size_t count, off_t offset)
{
    NAESTE(ssize_t (*)(int, const void *, size_t, off_t), "pwrite64");
    return naeste(fd, bytes, count, offset);
}

static ssize_t skriv_vor(int fd, const char *path, const void *bytes, size_t count, off_t offset, int flyt)
{
    pthread_mutex_lock(&en_ad_gangen);
    int code = fejler(1);
    ssize_t done;
    if (!code) code = fylder(fd, (uint64_t)offset + count);
    if (code && atomic_load(&styring->kort) && count > 1) {
        done = flyt ? skriv(fd, bytes, count / 2) : paa_plads(fd, bytes, count / 2, offset);
    } else if (code) {
        errno = code;
        done = -1;
    } else {
        done = flyt ? skriv(fd, bytes, count) : paa_plads(fd, bytes, count, offset);
    }
    int kept = errno;
    if (done > 0) noter('W', path, (uint64_t)offset, (uint64_t)done, bytes, (uint64_t)done);
    pthread_mutex_unlock(&en_ad_gangen);
    errno = kept;
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    char path[4096];
    if (!vor(fd, path, sizeof path)) return skriv(fd, bytes, count);
    return skriv_vor(fd, path, bytes, count, lseek(fd, 0, SEEK_CUR), 1);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset)
{
    char path[4096];
    if (!vor(fd, path, sizeof path)) return paa_plads(fd, bytes, count, offset);
    return skriv_vor(fd, path, bytes, count, offset, 0);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
    return pwrite64(fd, bytes, count, offset);
}

static int synk(int fd, const char *navn)
{
    int (*rigtig)(int) = (int (*)(int))dlsym(RTLD_NEXT, navn);
    char path[4096];
    /* Of a folder too: that makes what was renamed in it durable. */
    int vores = vor(fd, path, sizeof path);
    int folder = styring && !vores && strcmp(path, mappe) == 0;
    if (!vores && !folder) return rigtig(fd);
    pthread_mutex_lock(&en_ad_gangen);
    int code = fejler(0), done;
    if (code) {
        errno = code;
        done = -1;
    } else {
        done = rigtig(fd);
    }
    int kept = errno;
    if (done == 0) noter('S', path, 0, 0, NULL, 0);
    pthread_mutex_unlock(&en_ad_gangen);
    errno = kept;
    return done;
}

int fsync(int fd) { return synk(fd, "fsync"); }
int fdatasync(int fd) { return synk(fd, "fdatasync"); }

int ftruncate64(int fd, off64_t length)
{
    NAESTE(int (*)(int, off64_t), "ftruncate64");
    char path[4096];
    if (!vor(fd, path, sizeof path)) return naeste(fd, length);
    pthread_mutex_lock(&en_ad_gangen);
    int code = fejler(1), done;
    struct stat was;
    int had = fstat(fd, &was) == 0 && was.st_size > length && atomic_load(&styring->plads);
    if (code) {
        errno = code;
        done = -1;
    } else {
        done = naeste(fd, length);
    }
    int kept = errno;
    if (done == 0 && had) atomic_fetch_add(&styring->plads, was.st_size - length);
    if (done == 0) noter('T', path, 0, (uint64_t)length, NULL, 0);
    pthread_mutex_unlock(&en_ad_gangen);
    errno = kept;
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int rename(const char *from, const char *to)
{
    NAESTE(int (*)(const char *, const char *), "rename");
    if (!er_vor(from)) return naeste(from, to);
    pthread_mutex_lock(&en_ad_gangen);
    int code = fejler(1), done;
    if (code) {
        errno = code;
        done = -1;
    } else {
        done = naeste(from, to);
    }
    int kept = errno;
    if (done == 0) noter('R', from, 0, strlen(to), to, strlen(to));
    pthread_mutex_unlock(&en_ad_gangen);
    errno = kept;
    return done;
}

int unlink(const char *path)
{
    NAESTE(int (*)(const char *), "unlink");
    if (!er_vor(path)) return naeste(path);
    pthread_mutex_lock(&en_ad_gangen);
    atomic_fetch_add(&styring->kald, 1);
    struct stat was;
    int had = stat(path, &was) == 0 && strstr(path, ".plads") && atomic_load(&styring->plads);
    int done = naeste(path);
    if (done == 0 && had) atomic_fetch_add(&styring->plads, was.st_size);
    int kept = errno;
    noter(done == 0 ? 'U' : 'N', path, 0, 0, NULL, 0);
    pthread_mutex_unlock(&en_ad_gangen);
    errno = kept;
    return done;
}

int clock_gettime(clockid_t which, struct timespec *at)
{
    NAESTE(int (*)(clockid_t, struct timespec *), "clock_gettime");
    int done = naeste(which, at);
    if (done == 0 && which == CLOCK_REALTIME && styring) {
        int64_t ms = atomic_load(&styring->ur_ms), nanos = at->tv_nsec + ms % 1000 * 1000000;
        at->tv_sec += ms / 1000;
        if (nanos < 0) { nanos += 1000000000; at->tv_sec--; }
        if (nanos >= 1000000000) { nanos -= 1000000000; at->tv_sec++; }
        at->tv_nsec = nanos;
    }
    return done;
}
