/* The governor: keeps the clock. While the twin computes, virtual time goes on at `charge` virtual seconds for a real one; when all of it waits, it jumps to the
   next moment that somebody waits for, at most `speed` virtual seconds for each real one. */
#include "busy.h"
#include "govern.h"
#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SHORTEST = 30000, LONGEST = 1000000, CONFIRM = 15000, FARTHEST = 3000000, QUANTA = 10, OTHERS = 100000000 };
#define SWEEP_EVERY RC_SECOND
#define ESCAPE_EVERY (5 * RC_SECOND)

static struct rc_page *page;
static int64_t last;
/* All were seen to wait, and nobody was woken since. */
static int sure;
/* A stretch in which the twin computes: since when, by all clocks, and what it owes for it. `goes`: the clock goes on meanwhile. `all`: it owes for all that the
   twin computes, and not for the scheduler alone; what the others took until then is in `others`. */
static struct { int on, goes, all, stuck; int64_t since, real, used, scheduler, virtual, owed, others, interval, told; } stretch;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return rc_count(time);
}

static void pause_for(int64_t nanoseconds) {
  struct timespec time = { nanoseconds / RC_SECOND, nanoseconds % RC_SECOND };
  nanosleep(&time, NULL);
}

/* Called before the clock is set, so that in between virtual time went on evenly. */
static void remember(int64_t real) {
  static int64_t remembered = -1;
  int64_t bucket = (real - page->began_real) / RC_BUCKET, newest = atomic_load(&page->last_bucket);
  if (bucket > newest + RC_RECENT) newest = bucket - RC_RECENT;
  for (int64_t i = newest + 1; i <= bucket; i++) {
    int64_t at = page->began_real + i * RC_BUCKET;
    atomic_store(&page->recent[i % RC_RECENT], rc_at(page, at > page->real_base ? at : page->real_base) + page->utc_offset);
  }
  if (bucket > newest) atomic_store(&page->last_bucket, bucket);
  int64_t second = (real - page->began_real) / RC_SECOND;
  if (second == remembered || second < 0) return;
  for (int64_t i = remembered < 0 ? second : remembered + 1; i <= second && i < RC_HISTORY; i++) {
    int64_t at = page->began_real + i * RC_SECOND;
    atomic_store(&page->history[i], rc_at(page, at > page->real_base ? at : page->real_base) + page->utc_offset);
  }
  remembered = second;
}

/* Sets the clock to a moment that is not before what it shows, from which it goes on at a rate until a limit. */
static void set(int64_t real, int64_t to, int64_t rate, int64_t limit) {
  remember(real);
  int64_t from = rc_at(page, real);
  if (to < from) to = from;
  if (limit < to) limit = to;
  atomic_fetch_add(&page->sequence, 1);
  atomic_thread_fence(memory_order_seq_cst);
  page->real_base = real;
  page->virtual_base = to;
  page->rate = rate;
  page->limit = limit;
  atomic_thread_fence(memory_order_seq_cst);
  atomic_fetch_add(&page->sequence, 1);
}

static void tell_stuck(int64_t real) {
  int process = 0, thread = 0;
  char name[32];
  if (!busy_most(&process, &thread, name, sizeof name)) { atomic_store(&page->stuck_since, 0); return; }
  if (atomic_load(&page->stuck_thread) == thread && atomic_load(&page->stuck_since) == 0) {
    snprintf(page->stuck_name, sizeof page->stuck_name, "thread %d (%s) of process %d", thread, name, process);
    atomic_store(&page->stuck_since, stretch.since);
    atomic_fetch_add(&page->stuck, 1);
    fprintf(stderr, "the clock goes at real speed: thread %d (%s) of process %d has computed for %lld s\n", thread, name, process, (long long)((real - stretch.since) / RC_SECOND));
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

static void begin(int64_t real) {
  int64_t virtual = rc_at(page, real);
  sure = 0;
  atomic_store(&page->impatient, 0);
  stretch.on = 1;
  stretch.stuck = 0;
  stretch.goes = !page->quantum;
  stretch.all = !page->quantum || !atomic_load(&page->scheduler);
  stretch.since = stretch.real = stretch.told = real;
  stretch.used = busy_usage();
  stretch.scheduler = busy_scheduler();
  stretch.virtual = virtual;
  stretch.owed = stretch.others = 0;
  stretch.interval = SHORTEST;
  set(real, virtual, stretch.goes ? page->charge : 0, RC_NEVER);
}

/* Computing is charged by the processor time that the twin got, and never more than the real time that it took: on a host that is busy with other work the
   clock stands still while the twin waits for a processor, and several processors at once are charged as one. A disk is charged by real time, where the clock
   need not come out the same each time. */
static void owe(int64_t real, int disk) {
  int64_t used = busy_usage(), scheduler = busy_scheduler(), gone = real - stretch.real, whole = used < 0 || (disk && !page->quantum) ? gone : used - stretch.used;
  /* One that was started again begins from nothing; one that has ended takes nothing. */
  int64_t its = scheduler < 0 || stretch.scheduler < 0 || scheduler < stretch.scheduler ? 0 : scheduler - stretch.scheduler, took = stretch.all ? whole : its;
  if (took > gone) took = gone;
  if (used >= 0 && whole > its) stretch.others += whole - its;
  if (took > 0) stretch.owed += (int64_t)(((__int128)took * page->charge) >> 32);
  stretch.real = real;
  stretch.used = used;
  stretch.scheduler = scheduler;
  if (used >= 0) atomic_store(&page->computed, used);
  atomic_store(&page->governed, busy_own());
}

/* The clock while the twin computes. What takes long is no longer waited for: others may be due meanwhile. */
static void go(int64_t real) {
  int forced = stretch.stuck || atomic_load(&page->impatient) || stretch.others > (int64_t)OTHERS * busy_processes();
  if (forced) stretch.all = 1;
  if (!stretch.goes) {
    if (!forced && stretch.owed < QUANTA * page->quantum) return;
    stretch.goes = 1;
    atomic_fetch_add(&page->went, 1);
  }
  int64_t ahead = rc_at(page, real) - stretch.virtual - stretch.owed, rate = ahead > FARTHEST ? 0 : ahead < FARTHEST / 3 ? page->charge : page->rate;
  if (ahead < -FARTHEST) set(real, stretch.virtual + stretch.owed, rate, RC_NEVER);
  else if (rate != page->rate) set(real, rc_at(page, real), rate, RC_NEVER);
}

static void end(int64_t real) {
  /* What the clock has shown it cannot take back, so a clock that went on does so to a whole step. */
  int64_t quantum = page->quantum, more = stretch.goes ? quantum - 1 : quantum / 2, to = quantum ? stretch.virtual + (stretch.owed + more) / quantum * quantum : 0;
  set(real, to, 0, RC_NEVER);
  stretch.on = 0;
  sure = 1;
  atomic_store(&page->stuck_since, 0);
}

/* Waits in real time until somebody is due, arms something earlier, or some time has passed, while the clock goes at a rate. */
static void doze(int64_t real, int64_t speed, int64_t next, uint32_t poke) {
  int64_t virtual = rc_at(page, real), most = speed == 1 ? RC_SECOND / 5 : RC_SECOND / 500, rest = next == RC_NEVER ? most : (next - virtual) / speed + 1;
  if (rest > most) rest = most;
  struct timespec limit = { rest / RC_SECOND, rest % RC_SECOND };
  if (rest > 0) syscall(SYS_futex, &page->poke, FUTEX_WAIT, poke, &limit, NULL, 0);
  atomic_store(&page->asleep, 0);
}

static void first_in_line(void) {
  struct sched_param priority = { 1 };
  prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &priority)) setpriority(PRIO_PROCESS, 0, -20);
}

/* One look at a twin that computes, or did. */
static void computing(int looking, int64_t patience) {
  pause_for(stretch.interval);
  int busy = looking ? BUSY_COMPUTES : look(0);
  if (!busy) { pause_for(CONFIRM); busy = look(1); }
  int64_t real = now();
  owe(real, busy == BUSY_DISK);
  atomic_fetch_add(&page->busy, real - last);
  last = real;
  if (!busy) { end(real); return; }
  go(real);
  /* Between trials nobody waits for it. */
  if (stretch.interval < (atomic_load(&page->speed) == 1 ? 4 : 1) * LONGEST) stretch.interval += stretch.interval / 2;
  if (real - stretch.since > patience && real - stretch.told > RC_SECOND) { tell_stuck(real); stretch.told = real; stretch.stuck = 1; }
}

/* All wait, until `next`. */
static void waiting(int64_t real, int64_t speed, int64_t next, uint32_t poke) {
  int64_t virtual = rc_at(page, real);
  if (speed) {
    set(real, virtual, speed * RC_ONE, next);
    doze(real, speed, next, poke);
    real = now();
    if (rc_at(page, real) >= next) atomic_fetch_add(&page->jumps, 1);
    else if (look(0) || look(1)) begin(real);
    atomic_fetch_add(&page->jumped, rc_at(page, real) - virtual);
  } else if (next == RC_NEVER) {
    pause_for(LONGEST / 4);
    real = now();
    if (look(0) || look(1)) begin(real);
  } else if (!sure) {
    sure = !look(0) && !look(1);
    if (!sure) begin(real);
  } else {
    sure = 0;
    atomic_fetch_add(&page->jumps, 1);
    atomic_fetch_add(&page->jumped, next - virtual);
    set(real, next, 0, RC_NEVER);
  }
  atomic_fetch_add(&page->waiting, real - last);
  last = real;
}

void govern(struct rc_page *given, const volatile sig_atomic_t *stop, int (*over)(void), int64_t patience) {
  page = given;
  first_in_line();
  atomic_store(&page->governor, getpid());
  if (atomic_load(&page->sequence) & 1) atomic_fetch_add(&page->sequence, 1);
  last = now();
  if (atomic_load(&page->speed) != 1) begin(last);
  for (int64_t swept = last, escapes = last; !*stop && !(over && over());) {
    int64_t real = now(), speed = atomic_load(&page->speed);
    /* Nothing need come out the same each time: the clock follows real time, and nobody looks. */
    int follows = speed == 1 && !page->quantum;
    atomic_store(&page->heartbeat, real);
    remember(real);
    uint32_t poke = atomic_load(&page->poke);
    atomic_store(&page->next_due, RC_NEVER);
    if (follows && (stretch.on || page->rate != RC_ONE || page->limit != RC_NEVER)) { stretch.on = 0; set(real, rc_at(page, real), RC_ONE, RC_NEVER); }
    if (speed && !stretch.on) atomic_store(&page->asleep, 1);
    struct rc_firing fired = fire_due(page, stretch.on && !stretch.goes ? INT64_MIN : rc_at(page, real), page->quantum > 0);
    atomic_store(&page->next_due, fired.next);
    if (real - swept > SWEEP_EVERY) { sweep(page); swept = real; }
    if (real - escapes > ESCAPE_EVERY) {
      char name[64];
      int found = busy_escaped(name, sizeof name);
      if (found) { snprintf(page->escape_name, sizeof page->escape_name, "%s", name); atomic_fetch_add(&page->escapes, found); fprintf(stderr, "%d processes do not go by the clock: %s\n", found, name); }
      escapes = real;
    }
    if (follows) {
      doze(real, 1, fired.next, poke);
      last = now();
      continue;
    }
    if (fired.woken && !stretch.on) begin(real);
    if (fired.woken) stretch.interval = SHORTEST;
    if (stretch.on) computing(fired.looking, patience);
    else waiting(real, speed, fired.next, poke);
  }
  atomic_store(&page->governor, 0);
}
