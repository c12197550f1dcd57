/* Condition variables, and the other waits of threads for each other.

   glibc's own condition variables cannot be woken from another process, so these are others, in the same 48 bytes: a number that each signal changes, and how
   many wait. A thread with a limit waits for that number and for its slot at once (futex_waitv, Linux 5.16). */
#include "own.h"
#include <linux/futex.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct pair { uint64_t value, address; uint32_t flags, reserved; };
enum { WORD32 = 2, PRIVATE = 128 };
enum { MONOTONIC = 1, SHARED = 2 };
#define GOING 0x80000000u

struct condition { _Atomic uint32_t sequence, waiters; uint32_t flags; };
_Static_assert(sizeof(struct condition) <= sizeof(pthread_cond_t), "fits in the caller's");

struct waiting { struct condition *condition; pthread_mutex_t *mutex; struct rc_slot *slot; };

/* A program may have been linked with the older kind of glibc's; what Debian builds has this one. */
#define NEXT_OF(name) ({ static __typeof__(&name) next_; if (!next_) next_ = (__typeof__(&name))dlvsym(RTLD_NEXT, #name, "GLIBC_2.3.2"); next_; })

static struct condition *of(pthread_cond_t *condition) { return (struct condition *)condition; }

static int flagged(const struct condition *condition, int operation) { return condition->flags & SHARED ? operation : operation | FUTEX_PRIVATE_FLAG; }

static void again(void *argument) {
  struct waiting *waiting = argument;
  if (waiting->slot) rc_disarm(waiting->slot);
  /* Whoever destroys it waits until nobody looks at it any more, and may hold the mutex. */
  if (atomic_fetch_sub(&waiting->condition->waiters, 1) == GOING + 1) rc_futex(&waiting->condition->waiters, FUTEX_WAKE, INT32_MAX, NULL);
  pthread_mutex_lock(waiting->mutex);
}

static int sleep_on(struct condition *condition, uint32_t sequence, struct rc_slot *slot) {
  if (!slot) return rc_futex(&condition->sequence, flagged(condition, FUTEX_WAIT), sequence, NULL);
  struct pair both[2] = {
    { sequence, (uint64_t)(uintptr_t)&condition->sequence, WORD32 | (condition->flags & SHARED ? 0 : PRIVATE), 0 },
    { 0, (uint64_t)(uintptr_t)&slot->word, WORD32, 0 },
  };
  struct timespec until = rc_timespec(rc_real() + RC_PATIENCE_SECONDS * RC_SECOND);
  return (int)syscall(SYS_futex_waitv, both, 2, 0, &until, CLOCK_MONOTONIC);
}

static int wait_until(pthread_cond_t *given, pthread_mutex_t *mutex, int64_t due) {
  struct waiting waiting = { of(given), mutex, due == RC_NEVER ? NULL : rc_mine() };
  struct condition *condition = waiting.condition;
  int type, timed_out = 0;
  atomic_fetch_add(&condition->waiters, 1);
  uint32_t sequence = atomic_load(&condition->sequence);
  int error = pthread_mutex_unlock(mutex);
  if (error) { atomic_fetch_sub(&condition->waiters, 1); return error; }
  pthread_cleanup_push(again, &waiting);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
  while (atomic_load(&condition->sequence) == sequence) {
    if (due != RC_NEVER && rc_virtual() >= due) { timed_out = 1; break; }
    if (waiting.slot) rc_arm(waiting.slot, RC_FUTEX, due);
    if (!waiting.slot || rc_virtual() < due) {
      int result = sleep_on(condition, sequence, waiting.slot);
      /* A kernel without it: the thread looks again by itself. */
      if (result < 0 && errno == ENOSYS) { atomic_fetch_add(&rc_page->unsupported, 1); struct timespec little = { 0, 1000000 }; syscall(SYS_nanosleep, &little, NULL); }
    }
    if (waiting.slot) rc_disarm(waiting.slot);
  }
  pthread_setcanceltype(type, NULL);
  pthread_cleanup_pop(1);
  return timed_out ? ETIMEDOUT : 0;
}

RC_EXPORT int pthread_cond_init(pthread_cond_t *restrict condition, const pthread_condattr_t *restrict attributes) {
  if (!rc_on()) return NEXT_OF(pthread_cond_init)(condition, attributes);
  memset(condition, 0, sizeof *condition);
  clockid_t clock = CLOCK_REALTIME;
  int shared = PTHREAD_PROCESS_PRIVATE;
  if (attributes) { pthread_condattr_getclock(attributes, &clock); pthread_condattr_getpshared(attributes, &shared); }
  of(condition)->flags = (clock == CLOCK_MONOTONIC ? MONOTONIC : 0) | (shared == PTHREAD_PROCESS_SHARED ? SHARED : 0);
  return 0;
}

RC_EXPORT int pthread_cond_destroy(pthread_cond_t *given) {
  if (!rc_on()) return NEXT_OF(pthread_cond_destroy)(given);
  struct condition *condition = of(given);
  uint32_t waiters = atomic_fetch_or(&condition->waiters, GOING) | GOING;
  while (waiters != GOING) { rc_futex(&condition->waiters, FUTEX_WAIT, waiters, NULL); waiters = atomic_load(&condition->waiters); }
  atomic_store(&condition->waiters, 0);
  return 0;
}

RC_EXPORT int pthread_cond_signal(pthread_cond_t *given) {
  if (!rc_on()) return NEXT_OF(pthread_cond_signal)(given);
  struct condition *condition = of(given);
  if (!atomic_load(&condition->waiters)) return 0;
  atomic_fetch_add(&condition->sequence, 1);
  rc_futex(&condition->sequence, flagged(condition, FUTEX_WAKE), 1, NULL);
  return 0;
}

RC_EXPORT int pthread_cond_broadcast(pthread_cond_t *given) {
  if (!rc_on()) return NEXT_OF(pthread_cond_broadcast)(given);
  struct condition *condition = of(given);
  if (!atomic_load(&condition->waiters)) return 0;
  atomic_fetch_add(&condition->sequence, 1);
  rc_futex(&condition->sequence, flagged(condition, FUTEX_WAKE), INT32_MAX, NULL);
  return 0;
}

RC_EXPORT int pthread_cond_wait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex) {
  if (!rc_on()) return NEXT_OF(pthread_cond_wait)(condition, mutex);
  return wait_until(condition, mutex, RC_NEVER);
}

/* slurmstepd's timer for sampling jobs goes off each second of each running job, and has nothing to do where nothing is sampled: it is woken once a minute. */
static int64_t seldom(int64_t due) {
  static __thread int known;
  if (!known) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    known = !strcmp(name, "acctg_prof") ? 2 : 1;
  }
  return known == 1 || due == RC_NEVER ? due : rc_after(60 * RC_SECOND);
}

RC_EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(pthread_cond_clockwait)(condition, mutex, clock, until);
  if (!rc_covers(clock) || until->tv_nsec < 0 || until->tv_nsec >= RC_SECOND) return EINVAL;
  /* One that can never come is no limit. */
  return wait_until(condition, mutex, seldom(rc_due(clock, until)));
}

RC_EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT_OF(pthread_cond_timedwait)(condition, mutex, until);
  return pthread_cond_clockwait(condition, mutex, of(condition)->flags & MONOTONIC ? CLOCK_MONOTONIC : CLOCK_REALTIME, until);
}

/* The others are rare: each waits a little in real time and looks again, and the clock does not go on from the moment until it has. */
static struct timespec little(clockid_t clock) {
  struct timespec now;
  NEXT(clock_gettime)(clock, &now);
  return rc_timespec(rc_count(now) + 2000000);
}

#define LOOKING(clock, until, try, failed) ({ \
  int64_t due_ = rc_due(clock, until); int result_; struct rc_slot *slot_ = rc_take(RC_LOOKS); \
  if (slot_) rc_arm(slot_, RC_LOOKS, due_); \
  for (;;) { struct timespec limit = little(clock); result_ = try; if (!(failed) || rc_virtual() >= due_) break; } \
  if (slot_) rc_give(slot_); \
  result_; })

RC_EXPORT int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(sem_timedwait)(semaphore, until);
  return LOOKING(CLOCK_REALTIME, until, NEXT(sem_timedwait)(semaphore, &limit), result_ && errno == ETIMEDOUT);
}

RC_EXPORT int sem_clockwait(sem_t *restrict semaphore, clockid_t clock, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(sem_clockwait)(semaphore, clock, until);
  return LOOKING(clock, until, NEXT(sem_clockwait)(semaphore, clock, &limit), result_ && errno == ETIMEDOUT);
}

RC_EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(pthread_mutex_timedlock)(mutex, until);
  return LOOKING(CLOCK_REALTIME, until, NEXT(pthread_mutex_timedlock)(mutex, &limit), result_ == ETIMEDOUT);
}

RC_EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(pthread_mutex_clocklock)(mutex, clock, until);
  return LOOKING(clock, until, NEXT(pthread_mutex_clocklock)(mutex, clock, &limit), result_ == ETIMEDOUT);
}

RC_EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(pthread_rwlock_timedrdlock)(lock, until);
  return LOOKING(CLOCK_REALTIME, until, NEXT(pthread_rwlock_timedrdlock)(lock, &limit), result_ == ETIMEDOUT);
}

RC_EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, const struct timespec *restrict until) {
  if (!rc_on()) return NEXT(pthread_rwlock_timedwrlock)(lock, until);
  return LOOKING(CLOCK_REALTIME, until, NEXT(pthread_rwlock_timedwrlock)(lock, &limit), result_ == ETIMEDOUT);
}

RC_EXPORT int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *until) {
  if (!rc_on()) return NEXT(pthread_timedjoin_np)(thread, result, until);
  return LOOKING(CLOCK_REALTIME, until, NEXT(pthread_timedjoin_np)(thread, result, &limit), result_ == ETIMEDOUT);
}
