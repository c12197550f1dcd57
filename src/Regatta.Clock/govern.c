/* The governor: keeps the clock. While the twin computes, virtual time goes on at `charge` virtual seconds for a real one; when all of it waits, it jumps to the
   next moment that somebody waits for, at most `speed` virtual seconds for each real one. */
#include "busy.h"
#include "govern.h"
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { SHORTEST = 30000, LONGEST = 1000000, CONFIRM = 15000, FARTHEST = 3000000 };
#define STUCK_AFTER (20 * RC_SECOND)
#define SWEEP_EVERY RC_SECOND
#define ESCAPE_EVERY (5 * RC_SECOND)

static struct rc_page *page;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return rc_count(time);
}

static void pause_for(int64_t nanoseconds) {
  struct timespec time = { nanoseconds / RC_SECOND, nanoseconds % RC_SECOND };
  nanosleep(&time, NULL);
}

/* Sets the clock to a moment that is not before what it shows, from which it goes on at a rate. */
static void set(int64_t real, int64_t to, int64_t rate) {
  int64_t from = rc_at(page, real);
  if (to < from) to = from;
  atomic_fetch_add(&page->sequence, 1);
  atomic_thread_fence(memory_order_seq_cst);
  page->real_base = real;
  page->virtual_base = to;
  page->rate = rate;
  atomic_thread_fence(memory_order_seq_cst);
  atomic_fetch_add(&page->sequence, 1);
}

static void fire_descriptor(struct rc_slot *slot) {
  int process = (int)syscall(SYS_pidfd_open, slot->process, 0);
  if (process < 0) return;
  int file = (int)syscall(SYS_pidfd_getfd, process, slot->descriptor, 0);
  close(process);
  if (file < 0) return;
  struct itimerspec at_once = { { 0, 0 }, { 0, 1 } };
  timerfd_settime(file, 0, &at_once, NULL);
  close(file);
}

static void fire(struct rc_slot *slot) {
  uint32_t armed = RC_ARMED;
  int64_t interval = slot->interval;
  if (!atomic_compare_exchange_strong(&slot->state, &armed, RC_FIRING)) return;
  atomic_store(&slot->word, 1);
  switch (slot->kind) {
  case RC_FUTEX: syscall(SYS_futex, &slot->word, FUTEX_WAKE, 1, NULL, NULL, 0); break;
  case RC_THREAD_SIGNAL: syscall(SYS_tgkill, slot->process, slot->thread, slot->signal); break;
  case RC_PROCESS_SIGNAL: kill(slot->process, slot->signal); break;
  case RC_TIMER_DESCRIPTOR: fire_descriptor(slot); break;
  }
  atomic_fetch_add(&page->fired, 1);
  if (interval > 0 && slot->kind != RC_FUTEX && slot->kind != RC_LOOKS) {
    atomic_fetch_add(&slot->due, interval);
    atomic_store(&slot->state, RC_ARMED);
  } else {
    atomic_store(&slot->state, RC_FIRED);
  }
}

/* Wakes all that are due; the next moment that somebody waits for. `looking`: somebody that looks by itself was woken and has not looked. */
static int64_t fire_due(int64_t virtual, int *woken, int *looking) {
  uint32_t used = atomic_load(&page->used);
  int64_t next = RC_NEVER;
  for (uint32_t i = 0; i < used; i++) {
    struct rc_slot *slot = &page->slots[i];
    uint32_t state = atomic_load(&slot->state);
    if (state == RC_FIRED && slot->kind == RC_LOOKS) { *looking = 1; continue; }
    if (state != RC_ARMED) continue;
    int64_t due = atomic_load(&slot->due);
    if (due <= virtual) { fire(slot); *woken += 1; if (slot->kind == RC_LOOKS) *looking = 1; due = atomic_load(&slot->state) == RC_ARMED ? atomic_load(&slot->due) : RC_NEVER; }
    if (due < next) next = due;
  }
  return next;
}

/* Slots of processes that ended without giving them back. */
static void sweep(void) {
  int driver = atomic_load(&page->driver);
  if (driver && kill(driver, 0) && errno == ESRCH) { atomic_store(&page->driver, 0); atomic_store(&page->speed, 1); }
  uint32_t used = atomic_load(&page->used);
  for (uint32_t i = 0; i < used; i++) {
    struct rc_slot *slot = &page->slots[i];
    uint32_t state = atomic_load(&slot->state);
    if (state == RC_FREE || state == RC_FIRING) continue;
    int gone = slot->kind == RC_PROCESS || slot->kind == RC_PROCESS_SIGNAL || slot->kind == RC_TIMER_DESCRIPTOR ? kill(slot->process, 0) : (int)syscall(SYS_tgkill, slot->process, slot->thread, 0);
    if (gone && errno == ESRCH) atomic_compare_exchange_strong(&slot->state, &state, RC_FREE);
  }
}

/* Called before each jump, so that in between virtual time went on evenly. */
static void remember(int64_t real) {
  static int64_t last = -1;
  int64_t bucket = (real - page->began_real) / RC_BUCKET, newest = atomic_load(&page->last_bucket);
  if (bucket > newest + RC_RECENT) newest = bucket - RC_RECENT;
  for (int64_t i = newest + 1; i <= bucket; i++) {
    int64_t at = page->began_real + i * RC_BUCKET;
    atomic_store(&page->recent[i % RC_RECENT], rc_at(page, at > page->real_base ? at : page->real_base) + page->utc_offset);
  }
  if (bucket > newest) atomic_store(&page->last_bucket, bucket);
  int64_t second = (real - page->began_real) / RC_SECOND;
  if (second == last || second < 0) return;
  for (int64_t i = last < 0 ? second : last + 1; i <= second && i < RC_HISTORY; i++) {
    int64_t at = page->began_real + i * RC_SECOND;
    atomic_store(&page->history[i], rc_at(page, at > page->real_base ? at : page->real_base) + page->utc_offset);
  }
  last = second;
}

static void tell_stuck(int64_t real, int64_t busy_since) {
  int process = 0, thread = 0;
  char name[32];
  if (!busy_most(&process, &thread, name, sizeof name)) { atomic_store(&page->stuck_since, 0); return; }
  if (atomic_load(&page->stuck_thread) == thread && atomic_load(&page->stuck_since) == 0) {
    snprintf(page->stuck_name, sizeof page->stuck_name, "thread %d (%s) of process %d", thread, name, process);
    atomic_store(&page->stuck_since, busy_since);
    atomic_fetch_add(&page->stuck, 1);
    fprintf(stderr, "the clock goes at real speed: thread %d (%s) of process %d has computed for %lld s\n", thread, name, process, (long long)((real - busy_since) / RC_SECOND));
  }
  atomic_store(&page->stuck_process, process);
  atomic_store(&page->stuck_thread, thread);
}

/* What cannot be told is taken for busy: the clock is slow then, and never wrong. */
static int look(int again) {
  atomic_fetch_add(&page->looks, 1);
  int busy = busy_now(again);
  return busy < 0 ? BUSY_COMPUTES : busy;
}

/* Computing is charged by the processor time that the twin got, and never more than the real time that it took: on a host that is busy with other work the
   clock stands still while the twin waits for a processor. `disk`: real time in which it waited for a disk, which is charged as well. */
static void charge(int64_t real, int64_t disk, int fresh) {
  static int64_t own_from, used_from;
  int64_t used = busy_usage();
  if (used < 0) { if (page->rate != page->charge) set(real, rc_at(page, real), page->charge); return; }
  int64_t own = rc_at(page, real) - atomic_load(&page->jumped);
  if (fresh) { own_from = own; used_from = used; }
  used_from -= disk;
  int64_t ahead = own - own_from - (int64_t)(((__int128)(used - used_from) * page->charge) >> 32);
  /* Several processors at once are charged as one. */
  if (ahead < 0) { own_from = own; used_from = used; ahead = 0; }
  int64_t rate = ahead > FARTHEST ? 0 : ahead < FARTHEST / 3 ? page->charge : page->rate;
  if (rate != page->rate) set(real, rc_at(page, real), rate);
}

static void first_in_line(void) {
  struct sched_param priority = { 1 };
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority)) setpriority(PRIO_PROCESS, 0, -20);
}

void govern(struct rc_page *given, const volatile sig_atomic_t *stop, int (*over)(void)) {
  page = given;
  first_in_line();
  atomic_store(&page->governor, getpid());
  if (atomic_load(&page->sequence) & 1) atomic_fetch_add(&page->sequence, 1);
  int fresh = 1;
  int64_t interval = SHORTEST, last = now(), swept = last, escapes = last, busy_since = last, looked = last;
  while (!*stop && !(over && over())) {
    int64_t real = now(), speed = atomic_load(&page->speed);
    int woken = 0, looking = 0;
    atomic_store(&page->heartbeat, real);
    remember(real);
    uint32_t poke = atomic_load(&page->poke);
    atomic_store(&page->next_due, RC_NEVER);
    if (speed == 1) {
      if (page->rate != RC_ONE) set(real, rc_at(page, real), RC_ONE);
      atomic_store(&page->asleep, 1);
    }
    int64_t virtual = rc_at(page, real), next = fire_due(virtual, &woken, &looking);
    atomic_store(&page->next_due, next);
    if (real - swept > SWEEP_EVERY) { sweep(); swept = real; }
    if (real - escapes > ESCAPE_EVERY) {
      char name[64];
      int found = busy_escaped(name, sizeof name);
      if (found) { snprintf(page->escape_name, sizeof page->escape_name, "%s", name); atomic_fetch_add(&page->escapes, found); fprintf(stderr, "%d processes do not go by the clock: %s\n", found, name); }
      escapes = real;
    }
    if (speed == 1) {
      /* Real time: nothing to look for, until somebody is due or arms something earlier. */
      int64_t rest = next == RC_NEVER ? RC_SECOND : next - virtual;
      if (rest > RC_SECOND / 5) rest = RC_SECOND / 5;
      struct timespec limit = { rest / RC_SECOND, rest % RC_SECOND };
      if (rest > 0) syscall(SYS_futex, &page->poke, FUTEX_WAIT, poke, &limit, NULL, 0);
      atomic_store(&page->asleep, 0);
      last = busy_since = now();
      fresh = 1;
      continue;
    }
    if (woken) interval = SHORTEST;
    pause_for(interval);
    int busy = looking ? BUSY_COMPUTES : look(0);
    if (!busy) { pause_for(CONFIRM); busy = look(1); }
    real = now();
    charge(real, busy == BUSY_DISK ? real - last : 0, fresh);
    fresh = 0;
    if (busy) {
      atomic_fetch_add(&page->busy, real - last);
      last = real;
      if (interval < LONGEST) interval += interval / 2;
      if (real - busy_since > STUCK_AFTER && real - looked > 2 * RC_SECOND) { tell_stuck(real, busy_since); looked = real; }
      continue;
    }
    atomic_store(&page->stuck_since, 0);
    busy_since = real;
    interval = SHORTEST;
    virtual = rc_at(page, real);
    /* Somebody may have armed something since; all wait, so nobody does now. */
    next = fire_due(virtual, &woken, &looking);
    int64_t to = next;
    if (next == RC_NEVER) { pause_for(LONGEST / 4); atomic_fetch_add(&page->waiting, now() - last); last = now(); continue; }
    if (next <= virtual) continue;
    if (speed > 1) {
      /* As far as the time that all have waited allows. */
      int64_t allowed = rc_at(page, last) + (real - last) * speed;
      if (allowed < to) to = allowed > virtual ? allowed : virtual;
    }
    atomic_fetch_add(&page->jumps, to == next);
    atomic_fetch_add(&page->jumped, to - virtual);
    atomic_fetch_add(&page->waiting, real - last);
    last = real;
    remember(real);
    set(real, to, page->rate);
  }
  atomic_store(&page->governor, 0);
}
