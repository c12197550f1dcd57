/* The clock of a twin: one file in shared memory that the governor keeps and that every process of the twin maps.

   Virtual time is virtual_base + (real - real_base) * rate, at most limit, and the governor moves virtual_base forward (it never goes back). All times are nanoseconds of
   CLOCK_MONOTONIC, real or virtual; virtual UTC is virtual time + utc_offset. Who waits for a moment of virtual time says so in a slot; the governor wakes it. */
#ifndef REGATTA_CLOCK_H
#define REGATTA_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#define RC_MAGIC 0x4b434c52u
#define RC_LAYOUT 7u
#define RC_ONE (1LL << 32)
#define RC_SLOTS 16384
#define RC_HISTORY 131072
#define RC_RECENT (1 << 19)
#define RC_BUCKET 2000000LL
#define RC_NEVER INT64_MAX
#define RC_SECOND 1000000000LL
#define RC_VARIABLE "REGATTA_CLOCK"
#define RC_ANCHOR "REGATTA_CLOCK_ANCHOR"
#define RC_DEFAULT_PAGE "/dev/shm/regatta/clock"

/* Whose turn a slot is: FREE -> IDLE (a thread owns it) -> ARMED (it waits) -> FIRING -> FIRED (by the governor) -> IDLE. */
enum rc_state { RC_FREE, RC_IDLE, RC_ARMED, RC_FIRING, RC_FIRED };

/* How the governor wakes: a futex word; a signal to the thread; a signal to the process (timers); the descriptor of a timer; not at all, the owner looks
   again by itself. PROCESS waits for nothing: it says that a process goes by this clock. */
enum rc_kind { RC_FUTEX, RC_THREAD_SIGNAL, RC_PROCESS_SIGNAL, RC_TIMER_DESCRIPTOR, RC_LOOKS, RC_PROCESS };

struct rc_slot {
  _Atomic uint32_t state, word;
  _Atomic int64_t due;
  int64_t interval;
  int32_t process, thread, kind, signal, descriptor;
  uint32_t spare;
};

struct rc_page {
  uint32_t magic, layout;
  _Atomic uint32_t sequence;
  uint32_t spare;
  int64_t real_base, virtual_base, rate; /* rate: virtual per real, RC_ONE is 1 */
  int64_t limit;                          /* it stands there: whoever is due then is woken first */
  int64_t charge;                         /* the rate while something of the twin computes, and a speed is set */
  int64_t quantum;                        /* the clock stands while the twin computes, and then goes on by so much or a multiple; 0: it goes on meanwhile */
  int64_t utc_offset;
  int64_t began_real, began_utc;          /* when the clock was made: real CLOCK_MONOTONIC, and UTC of both clocks */
  _Atomic int64_t speed;                  /* most virtual seconds for a real one while all wait; 1: follows real time, 0: no limit */
  _Atomic int64_t next_due, anchor;       /* anchor: the whole second of UTC in which the scheduler began; a replay sets its start by it; 0 without one */
  _Atomic uint32_t impatient;             /* a thread read a standing clock again and again: it may wait for it to go on */
  _Atomic uint32_t poke, asleep;
  _Atomic int32_t governor, driver;       /* driver: who set the speed; the clock follows real time again when it has ended */
  _Atomic int32_t scheduler;              /* the process whose computing is charged; 0: all of the twin */
  _Atomic uint32_t used;                  /* slots up to here were ever used */
  _Atomic int64_t heartbeat;
  /* Counted from the start of the clock. */
  _Atomic int64_t jumps, jumped, busy, waiting, fired, looks, overflows, escapes, unsupported, stuck, went;
  _Atomic int64_t computed, governed;     /* processor time of the twin and of the governor, when it last computed */
  _Atomic int32_t stuck_process, stuck_thread;
  _Atomic int64_t stuck_since;            /* real; 0 while nothing is stuck */
  char stuck_name[96], escape_name[64];
  _Atomic int64_t history[RC_HISTORY];    /* virtual UTC at each real second since the start; 0 where it is not known */
  _Atomic int64_t recent[RC_RECENT];      /* the same for each bucket of real time, in a ring; the newest is last_bucket */
  _Atomic int64_t last_bucket;
  struct rc_slot slots[RC_SLOTS];
};

static inline int64_t rc_count(struct timespec time) { return time.tv_sec * RC_SECOND + time.tv_nsec; }

/* What the kernel answers, whoever stands before libc's calls; minus errno for an error. */
static inline long rc_kernel(long number, long a, long b, long c, long d, long e, long f) {
  register long fourth __asm__("r10") = d, fifth __asm__("r8") = e, sixth __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth) : "rcx", "r11", "memory");
  return result;
}

/* Virtual time of a real moment. */
static inline int64_t rc_at(struct rc_page *page, int64_t real) {
  for (;;) {
    uint32_t before = atomic_load_explicit(&page->sequence, memory_order_acquire);
    if (before & 1) { __builtin_ia32_pause(); continue; }
    int64_t from = *(volatile int64_t *)&page->real_base, base = *(volatile int64_t *)&page->virtual_base, rate = *(volatile int64_t *)&page->rate, limit = *(volatile int64_t *)&page->limit;
    atomic_thread_fence(memory_order_acquire);
    if (before != atomic_load_explicit(&page->sequence, memory_order_relaxed)) continue;
    int64_t at = base + (int64_t)(((__int128)(real - from) * rate) >> 32);
    return at < limit ? at : limit;
  }
}

#endif
