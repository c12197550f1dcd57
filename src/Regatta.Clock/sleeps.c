/* Sleeps, and waits for descriptors and signals with a limit. Waits without one stay the kernel's. */
#include "own.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

RC_EXPORT int nanosleep(const struct timespec *wanted, struct timespec *left) {
  if (!rc_on() || !wanted || wanted->tv_nsec < 0 || wanted->tv_nsec >= RC_SECOND || wanted->tv_sec < 0) return NEXT(nanosleep)(wanted, left);
  int64_t due = rc_after(rc_nanoseconds(wanted));
  if (!rc_sleep_until(due)) return 0;
  if (left) *left = rc_timespec(due - rc_virtual());
  return -1;
}

RC_EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted, struct timespec *left) {
  if (!rc_on() || !rc_covers(clock) || !wanted || wanted->tv_nsec < 0 || wanted->tv_nsec >= RC_SECOND || wanted->tv_sec < 0) return NEXT(clock_nanosleep)(clock, flags, wanted, left);
  int64_t due = flags & TIMER_ABSTIME ? rc_due(clock, wanted) : rc_after(rc_nanoseconds(wanted));
  int before = errno;
  if (!rc_sleep_until(due)) return 0;
  int error = errno;
  errno = before;
  if (left && !(flags & TIMER_ABSTIME)) *left = rc_timespec(due - rc_virtual());
  return error;
}

RC_EXPORT unsigned sleep(unsigned seconds) {
  struct timespec wanted = { seconds, 0 }, left = { 0, 0 };
  return nanosleep(&wanted, &left) ? (unsigned)(left.tv_sec + (left.tv_nsec >= RC_SECOND / 2)) : 0;
}

RC_EXPORT int usleep(useconds_t microseconds) {
  struct timespec wanted = { microseconds / 1000000, (long)(microseconds % 1000000) * 1000 };
  return nanosleep(&wanted, NULL);
}

RC_EXPORT int ppoll(struct pollfd *descriptors, nfds_t count, const struct timespec *limit, const sigset_t *mask) {
  if (!rc_on() || !limit || (limit->tv_sec == 0 && limit->tv_nsec == 0) || limit->tv_sec < 0) return NEXT(ppoll)(descriptors, count, limit, mask);
  int64_t due = rc_after(rc_nanoseconds(limit));
  for (;;) {
    struct rc_signal_wait wait;
    struct timespec patience = { RC_PATIENCE_SECONDS, 0 }, none = { 0, 0 };
    rc_begin(&wait, due, mask);
    int ready = NEXT(ppoll)(descriptors, count, rc_virtual() >= due ? &none : wait.slot ? &patience : &(struct timespec){ 0, 1000000 }, &wait.during), fired = wait.slot && atomic_load(&wait.slot->state) >= RC_FIRING;
    int came = rc_end(&wait);
    if (ready > 0) return ready;
    if (came) return NEXT(ppoll)(descriptors, count, &none, NULL);
    if (ready < 0 && !fired) return ready;
  }
}

RC_EXPORT int poll(struct pollfd *descriptors, nfds_t count, int limit) {
  if (limit <= 0 || !rc_on()) return NEXT(poll)(descriptors, count, limit);
  struct timespec time = rc_timespec(limit * 1000000LL);
  return ppoll(descriptors, count, &time, NULL);
}

RC_EXPORT int __poll_chk(struct pollfd *descriptors, nfds_t count, int limit, size_t size) { (void)size; return poll(descriptors, count, limit); }
RC_EXPORT int __ppoll_chk(struct pollfd *descriptors, nfds_t count, const struct timespec *limit, const sigset_t *mask, size_t size) { (void)size; return ppoll(descriptors, count, limit, mask); }

RC_EXPORT int pselect(int count, fd_set *restrict read, fd_set *restrict write, fd_set *restrict other, const struct timespec *restrict limit, const sigset_t *restrict mask) {
  if (!rc_on() || !limit || (limit->tv_sec == 0 && limit->tv_nsec == 0) || limit->tv_sec < 0) return NEXT(pselect)(count, read, write, other, limit, mask);
  int64_t due = rc_after(rc_nanoseconds(limit));
  size_t size = (size_t)(count + 63) / 64 * 8;
  fd_set *sets[3] = { read, write, other };
  char *saved = __builtin_alloca(3 * size + 1);
  for (int i = 0; i < 3; i++) if (sets[i]) memcpy(saved + i * size, sets[i], size);
  for (;;) {
    struct rc_signal_wait wait;
    struct timespec patience = { RC_PATIENCE_SECONDS, 0 }, none = { 0, 0 };
    rc_begin(&wait, due, mask);
    int ready = NEXT(pselect)(count, read, write, other, rc_virtual() >= due ? &none : wait.slot ? &patience : &(struct timespec){ 0, 1000000 }, &wait.during), fired = wait.slot && atomic_load(&wait.slot->state) >= RC_FIRING;
    int came = rc_end(&wait);
    if (ready > 0) return ready;
    if (ready < 0 && !fired && !came) return ready;
    /* The kernel empties the sets when a time has passed. */
    for (int i = 0; i < 3; i++) if (sets[i]) memcpy(sets[i], saved + i * size, size);
    if (came) return NEXT(pselect)(count, read, write, other, &none, NULL);
  }
}

RC_EXPORT int select(int count, fd_set *restrict read, fd_set *restrict write, fd_set *restrict other, struct timeval *restrict limit) {
  if (!limit || !rc_on() || (limit->tv_sec == 0 && limit->tv_usec == 0)) return NEXT(select)(count, read, write, other, limit);
  struct timespec time = { limit->tv_sec, limit->tv_usec * 1000 };
  int64_t due = rc_after(rc_nanoseconds(&time));
  int ready = pselect(count, read, write, other, &time, NULL), error = errno;
  time = rc_timespec(due - rc_virtual());
  *limit = (struct timeval){ time.tv_sec, time.tv_nsec / 1000 };
  errno = error;
  return ready;
}

static int epoll_until(int set, struct epoll_event *events, int most, int64_t due, const sigset_t *mask) {
  for (;;) {
    struct rc_signal_wait wait;
    rc_begin(&wait, due, mask);
    int ready = NEXT(epoll_pwait)(set, events, most, rc_virtual() >= due ? 0 : wait.slot ? RC_PATIENCE_SECONDS * 1000 : 1, &wait.during), fired = wait.slot && atomic_load(&wait.slot->state) >= RC_FIRING;
    int came = rc_end(&wait);
    if (ready > 0) return ready;
    if (came) return NEXT(epoll_pwait)(set, events, most, 0, NULL);
    if (ready < 0 && !fired) return ready;
  }
}

RC_EXPORT int epoll_pwait(int set, struct epoll_event *events, int most, int limit, const sigset_t *mask) {
  if (limit <= 0 || !rc_on()) return NEXT(epoll_pwait)(set, events, most, limit, mask);
  return epoll_until(set, events, most, rc_after(limit * 1000000LL), mask);
}

RC_EXPORT int epoll_wait(int set, struct epoll_event *events, int most, int limit) {
  if (limit <= 0 || !rc_on()) return NEXT(epoll_wait)(set, events, most, limit);
  return epoll_until(set, events, most, rc_after(limit * 1000000LL), NULL);
}

RC_EXPORT int epoll_pwait2(int set, struct epoll_event *events, int most, const struct timespec *limit, const sigset_t *mask) {
  if (!limit || (limit->tv_sec == 0 && limit->tv_nsec == 0) || !rc_on()) return NEXT(epoll_pwait2)(set, events, most, limit, mask);
  return epoll_until(set, events, most, rc_after(rc_nanoseconds(limit)), mask);
}

RC_EXPORT int sigtimedwait(const sigset_t *restrict wanted, siginfo_t *restrict information, const struct timespec *restrict limit) {
  if (!limit || !rc_on() || (limit->tv_sec == 0 && limit->tv_nsec == 0)) return NEXT(sigtimedwait)(wanted, information, limit);
  int64_t due = rc_after(rc_nanoseconds(limit));
  sigset_t both = *wanted;
  sigaddset(&both, rc_wake_signal());
  for (;;) {
    struct rc_signal_wait wait;
    struct timespec patience = { RC_PATIENCE_SECONDS, 0 }, none = { 0, 0 };
    rc_begin(&wait, due, NULL);
    int came = rc_virtual() >= due, number = NEXT(sigtimedwait)(&both, information, came ? &none : &patience);
    came |= rc_end(&wait);
    if (number > 0 && number != rc_wake_signal()) return number;
    if (number < 0 && errno != EAGAIN) return number;
    if (came) { errno = EAGAIN; return -1; }
  }
}

/* A small write that waits for an acknowledgement would wait in real time, while everything else seems to wait for nothing. */
RC_EXPORT int socket(int domain, int type, int protocol) {
  int made = NEXT(socket)(domain, type, protocol), one = 1;
  if (made >= 0 && (domain == AF_INET || domain == AF_INET6) && (type & 0xf) == SOCK_STREAM && rc_on()) {
    int error = errno;
    setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    errno = error;
  }
  return made;
}
