/* Reading the clock, and the times of files. */
#include "own.h"
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

RC_EXPORT int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!rc_covers(clock) || !rc_on()) return NEXT(clock_gettime)(clock, time);
  int64_t now = rc_virtual();
  *time = rc_timespec(clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ? now + rc_page->utc_offset : now);
  return 0;
}

RC_EXPORT time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

RC_EXPORT int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  if (!rc_on()) return NEXT(gettimeofday)(time, zone);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  *time = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
  return 0;
}

RC_EXPORT int timespec_get(struct timespec *time, int base) {
  if (base != TIME_UTC || !rc_on()) return NEXT(timespec_get)(time, base);
  clock_gettime(CLOCK_REALTIME, time);
  return base;
}

/* libev reads the clock past libc (EV_USE_CLOCK_SYSCALL); what else is asked of the kernel so goes to it. */
RC_EXPORT long syscall(long number, ...) {
  va_list given;
  va_start(given, number);
  long a = va_arg(given, long), b = va_arg(given, long), c = va_arg(given, long), d = va_arg(given, long), e = va_arg(given, long), f = va_arg(given, long);
  va_end(given);
  if (number == SYS_clock_gettime && rc_covers((clockid_t)a) && rc_on()) return clock_gettime((clockid_t)a, (struct timespec *)b);
  if (number == SYS_gettimeofday && a && rc_on()) return gettimeofday((struct timeval *)a, (void *)b);
  long result = rc_kernel(number, a, b, c, d, e, f);
  if ((unsigned long)result <= -4096UL) return result;
  errno = (int)-result;
  return -1;
}

/* The kernel stamps files in real time: what was written in the twin's life gets the virtual time of that moment. */
static void map(struct timespec *stamp) {
  int64_t real = rc_nanoseconds(stamp), since = real - rc_page->began_utc;
  if (since < 0) return;
  int64_t bucket = since / RC_BUCKET, last = atomic_load(&rc_page->last_bucket);
  if (bucket <= last && bucket > last - RC_RECENT + 64) { *stamp = rc_timespec(atomic_load(&rc_page->recent[bucket % RC_RECENT])); return; }
  int64_t second = since / RC_SECOND, part = since % RC_SECOND;
  if (second >= RC_HISTORY) return;
  int64_t from = atomic_load(&rc_page->history[second]), now = rc_virtual() + rc_page->utc_offset;
  if (!from) { *stamp = rc_timespec(now); return; }
  int64_t to = second + 1 < RC_HISTORY ? atomic_load(&rc_page->history[second + 1]) : 0;
  if (!to) { *stamp = rc_timespec(now); return; }
  int64_t moment = from + (int64_t)((__int128)(to - from) * part / RC_SECOND);
  *stamp = rc_timespec(moment < now ? moment : now);
}

#define MAPPED(call) ({ int result_ = call; if (!result_ && rc_on()) { map(&status->st_mtim); map(&status->st_ctim); map(&status->st_atim); } result_; })

RC_EXPORT int stat(const char *restrict path, struct stat *restrict status) { return MAPPED(NEXT(stat)(path, status)); }
RC_EXPORT int fstat(int file, struct stat *status) { return MAPPED(NEXT(fstat)(file, status)); }
RC_EXPORT int lstat(const char *restrict path, struct stat *restrict status) { return MAPPED(NEXT(lstat)(path, status)); }
RC_EXPORT int fstatat(int directory, const char *restrict path, struct stat *restrict status, int flags) { return MAPPED(NEXT(fstatat)(directory, path, status, flags)); }
RC_EXPORT int stat64(const char *restrict path, struct stat64 *restrict status) { return MAPPED(NEXT(stat64)(path, status)); }
RC_EXPORT int fstat64(int file, struct stat64 *status) { return MAPPED(NEXT(fstat64)(file, status)); }
RC_EXPORT int lstat64(const char *restrict path, struct stat64 *restrict status) { return MAPPED(NEXT(lstat64)(path, status)); }
RC_EXPORT int fstatat64(int directory, const char *restrict path, struct stat64 *restrict status, int flags) { return MAPPED(NEXT(fstatat64)(directory, path, status, flags)); }
