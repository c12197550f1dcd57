/* Joining the clock, the slots in which threads wait, and what the agent calls. */
#include "own.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct rc_page *rc_page;
static _Atomic int joined; /* 0 not tried, 1 goes by the clock, -1 does not */
static int anchored;
static pthread_key_t at_exit;
static __thread struct rc_slot *mine;
static struct rc_slot *process;

int64_t rc_nanoseconds(const struct timespec *time) {
  if (time->tv_sec > INT64_MAX / RC_SECOND - 1) return RC_NEVER;
  return rc_count(*time);
}

struct timespec rc_timespec(int64_t nanoseconds) {
  if (nanoseconds < 0) nanoseconds = 0;
  return (struct timespec){ nanoseconds / RC_SECOND, nanoseconds % RC_SECOND };
}

int64_t rc_real(void) {
  struct timespec now;
  NEXT(clock_gettime)(CLOCK_MONOTONIC, &now);
  return rc_count(now);
}

/* A runtime that measures how long something takes computes until the clock has gone on. Where it stands, a thread that looks again and again sees it go on with
   real time for a moment, and nobody else does; one that needs more may wait for it. The scheduler looks often, and waits for nothing. */
int64_t rc_virtual(void) {
  enum { PATIENT = 100, OFTEN = 500, MOMENT = 1000000 };
  static __thread int64_t seen, since, shown;
  static __thread int times;
  int64_t real = rc_real(), now = rc_at(rc_page, real), more = 0;
  if (now != seen) { seen = now; since = real; times = 0; }
  else if (!anchored && ++times > PATIENT) {
    more = real - since < MOMENT ? real - since : MOMENT;
    if (times % OFTEN == 0 && more == MOMENT) atomic_store_explicit(&rc_page->impatient, 1, memory_order_relaxed);
  }
  return shown = now + more > shown ? now + more : shown;
}

int rc_covers(clockid_t clock) {
  switch (clock) {
  case CLOCK_REALTIME: case CLOCK_REALTIME_COARSE: case CLOCK_TAI:
  case CLOCK_MONOTONIC: case CLOCK_MONOTONIC_RAW: case CLOCK_MONOTONIC_COARSE: case CLOCK_BOOTTIME: return 1;
  default: return 0;
  }
}

/* Where a clock goes on in steps, waits of a second and more of the scheduler end at whole seconds of UTC, as those do that it sets itself: what it does now and
   then comes at the same moments of each replay. */
static int64_t whole(int64_t due) {
  if (!anchored || !rc_page->quantum || due == RC_NEVER) return due;
  int64_t now = rc_virtual(), from = atomic_load(&rc_page->anchor);
  if (due - now < RC_SECOND - rc_page->quantum) return due;
  int64_t nearest = from + (due - from + RC_SECOND / 2) / RC_SECOND * RC_SECOND;
  return nearest > now ? nearest : nearest + RC_SECOND;
}

static int64_t moment_of(clockid_t clock, const struct timespec *at) {
  int64_t moment = rc_nanoseconds(at);
  if (moment == RC_NEVER) return RC_NEVER;
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI ? moment - rc_page->utc_offset : moment;
}

int64_t rc_due(clockid_t clock, const struct timespec *at) { return whole(moment_of(clock, at)); }

int64_t rc_after(int64_t nanoseconds) {
  int64_t now = rc_virtual();
  return nanoseconds > RC_NEVER - now ? RC_NEVER : whole(now + nanoseconds);
}

int rc_futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout) {
  return (int)syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

static void leave(void *slot) { rc_give(slot); }

static void in_child(void) {
  mine = NULL;
  process = NULL;
  rc_forget_timers();
  if (atomic_load(&joined) > 0) process = rc_take(RC_PROCESS);
}

static int join(const char *path) {
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return -1;
  struct stat status;
  struct rc_page *page = MAP_FAILED;
  if (syscall(SYS_fstat, file, &status) == 0 && status.st_size >= (off_t)sizeof *page) page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (page == MAP_FAILED || page->magic != RC_MAGIC || page->layout != RC_LAYOUT) return -1;
  rc_page = page;
  pthread_key_create(&at_exit, leave);
  pthread_atfork(NULL, NULL, in_child);
  return 1;
}

int rc_on(void) {
  int state = atomic_load_explicit(&joined, memory_order_acquire);
  if (state) return state > 0;
  const char *path = getenv(RC_VARIABLE);
  state = path && *path ? join(path) : -1;
  if (path && *path && state < 0) {
    static const char words[] = "regatta-clock: the clock that " RC_VARIABLE " names cannot be joined; this process would run in real time\n";
    (void)!write(2, words, sizeof words - 1);
    _exit(71);
  }
  atomic_store_explicit(&joined, state, memory_order_release);
  return state > 0;
}

int rc_join(const char *path) {
  if (atomic_load(&joined) <= 0) atomic_store(&joined, join(path));
  return atomic_load(&joined) > 0 ? 0 : -1;
}

static __attribute__((constructor)) void begin(void) {
  if (rc_on() && !process) process = rc_take(RC_PROCESS);
  if (!rc_on() || !getenv(RC_ANCHOR)) return;
  int64_t utc = rc_virtual() + rc_page->utc_offset;
  atomic_store(&rc_page->anchor, utc - utc % RC_SECOND - rc_page->utc_offset);
  atomic_store(&rc_page->scheduler, getpid());
  anchored = 1;
  /* What it starts is none. */
  unsetenv(RC_ANCHOR);
}

static __attribute__((destructor)) void finish(void) {
  if (process) rc_give(process);
  process = NULL;
}

struct rc_slot *rc_take(int kind) {
  static _Atomic uint32_t last;
  uint32_t start = atomic_load(&last);
  for (uint32_t i = 0; i < RC_SLOTS; i++) {
    /* Low numbers first: the governor looks at as many as were ever used. */
    uint32_t number = i < 64 ? (start + i) % RC_SLOTS : i - 64;
    struct rc_slot *slot = &rc_page->slots[number];
    uint32_t free = RC_FREE;
    if (atomic_load(&slot->state) != RC_FREE || !atomic_compare_exchange_strong(&slot->state, &free, RC_IDLE)) continue;
    slot->process = getpid();
    slot->thread = (int32_t)syscall(SYS_gettid);
    slot->kind = kind;
    slot->interval = 0;
    atomic_store(&slot->due, RC_NEVER);
    uint32_t used = atomic_load(&rc_page->used);
    while (used <= number && !atomic_compare_exchange_weak(&rc_page->used, &used, number + 1)) {}
    atomic_store(&last, number);
    return slot;
  }
  atomic_fetch_add(&rc_page->overflows, 1);
  return NULL;
}

void rc_give(struct rc_slot *slot) {
  if (!slot) return;
  rc_disarm(slot);
  if (slot == mine) mine = NULL;
  atomic_store(&slot->state, RC_FREE);
}

struct rc_slot *rc_mine(void) {
  if (!mine && (mine = rc_take(RC_FUTEX))) pthread_setspecific(at_exit, mine);
  return mine;
}

void rc_arm(struct rc_slot *slot, int kind, int64_t due) {
  slot->kind = kind;
  atomic_store(&slot->word, 0);
  atomic_store(&slot->due, due);
  atomic_store(&slot->state, RC_ARMED);
  if (due >= atomic_load(&rc_page->next_due) || !atomic_load(&rc_page->asleep)) return;
  atomic_fetch_add(&rc_page->poke, 1);
  rc_futex(&rc_page->poke, FUTEX_WAKE, 1, NULL);
}

int rc_disarm(struct rc_slot *slot) {
  uint32_t armed = RC_ARMED;
  if (atomic_compare_exchange_strong(&slot->state, &armed, RC_IDLE)) return 0;
  if (armed == RC_IDLE) return 0;
  /* The governor is about to wake this thread: what it does must not come later, in another wait. */
  while (atomic_load(&slot->state) == RC_FIRING) sched_yield();
  atomic_store(&slot->state, RC_IDLE);
  return 1;
}

static int futex_wait(_Atomic uint32_t *word) {
  /* A thread may be cancelled here, as in the sleep that this stands for. */
  struct timespec patience = { RC_PATIENCE_SECONDS, 0 };
  int type;
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
  int result = rc_futex(word, FUTEX_WAIT, 0, &patience), error = errno;
  pthread_setcanceltype(type, NULL);
  errno = error;
  return result;
}

int rc_sleep_until(int64_t due) {
  struct rc_slot *slot = rc_mine();
  while (!slot) {
    if (rc_virtual() >= due) return 0;
    struct timespec little = { 0, 1000000 };
    if (syscall(SYS_nanosleep, &little, NULL)) return -1;
    slot = rc_mine();
  }
  for (;;) {
    rc_arm(slot, RC_FUTEX, due);
    int result = rc_virtual() >= due ? 0 : futex_wait(&slot->word), error = errno;
    rc_disarm(slot);
    if (rc_virtual() >= due) return 0;
    if (result && error == EINTR) { errno = EINTR; return -1; }
  }
}

int rc_wake_signal(void) { return SIGRTMAX - 3; }

static void woken(int number) { (void)number; }

void rc_begin(struct rc_signal_wait *wait, int64_t due, const sigset_t *mask) {
  /* The signal is blocked but for the time of the wait itself, so that it ends that wait or none. */
  struct sigaction action = { .sa_handler = woken };
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, rc_wake_signal());
  NEXT(pthread_sigmask)(SIG_BLOCK, &own, &wait->before);
  NEXT(sigaction)(rc_wake_signal(), &action, NULL);
  wait->during = mask ? *mask : wait->before;
  sigdelset(&wait->during, rc_wake_signal());
  wait->due = due;
  wait->slot = rc_mine();
  if (!wait->slot) return;
  wait->slot->signal = rc_wake_signal();
  rc_arm(wait->slot, RC_THREAD_SIGNAL, due);
}

int rc_end(struct rc_signal_wait *wait) {
  int error = errno;
  if (wait->slot && rc_disarm(wait->slot)) {
    sigset_t own;
    struct timespec none = { 0, 0 };
    sigemptyset(&own);
    sigaddset(&own, rc_wake_signal());
    while (syscall(SYS_rt_sigtimedwait, &own, NULL, &none, 8) > 0) {}
  }
  NEXT(pthread_sigmask)(SIG_SETMASK, &wait->before, NULL);
  int came = rc_virtual() >= wait->due;
  errno = error;
  return came;
}
