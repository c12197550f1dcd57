/* The side of the agent: it is not preloaded, opens the library, and its own calls stay in real time. */
#include "own.h"
#include <linux/futex.h>
#include <poll.h>
#include <unistd.h>

RC_EXPORT int regatta_clock_open(const char *path) {
  return rc_join(path);
}

RC_EXPORT int64_t regatta_clock_now(void) { return rc_virtual(); }

RC_EXPORT int64_t regatta_clock_utc(void) { return rc_virtual() + rc_page->utc_offset; }

RC_EXPORT void regatta_clock_speed(int64_t speed) {
  atomic_store(&rc_page->driver, speed == 1 ? 0 : getpid());
  atomic_store(&rc_page->speed, speed);
  atomic_fetch_add(&rc_page->poke, 1);
  rc_futex(&rc_page->poke, FUTEX_WAKE, 1, NULL);
}

/* The next moment that is so many periods after the start of the program that is the anchor, and half a period and half a second, so that it does nothing just then. */
RC_EXPORT int64_t regatta_clock_next(int64_t after, int64_t period) {
  int64_t anchor = atomic_load(&rc_page->anchor), from = anchor + period / 2 + RC_SECOND / 2;
  if (!anchor || period <= 0) return after;
  return after <= from ? from : from + (after - from + period - 1) / period * period;
}

/* What the clock counted since it was made, in this order; times in nanoseconds. How many there are. */
RC_EXPORT int regatta_clock_counts(int64_t *counts, int most) {
  int64_t all[] = {
    rc_virtual() - rc_page->began_real, rc_real() - rc_page->began_real, atomic_load(&rc_page->jumps), atomic_load(&rc_page->jumped), atomic_load(&rc_page->busy), atomic_load(&rc_page->waiting),
    atomic_load(&rc_page->fired), atomic_load(&rc_page->overflows), atomic_load(&rc_page->escapes), atomic_load(&rc_page->unsupported), atomic_load(&rc_page->stuck),
    rc_real() - atomic_load(&rc_page->heartbeat), atomic_load(&rc_page->used), atomic_load(&rc_page->went),
    atomic_load(&rc_page->computed), atomic_load(&rc_page->governed),
  };
  int count = (int)(sizeof all / sizeof *all);
  for (int i = 0; i < count && i < most; i++) counts[i] = all[i];
  return count;
}

/* Names that go with the counts: of an escaped process (0), of a thread that computed without end (1). */
RC_EXPORT const char *regatta_clock_name(int which) { return which ? rc_page->stuck_name : rc_page->escape_name; }

/* Waits until a descriptor is ready (its number of ready ones), or until then (0). */
RC_EXPORT int regatta_clock_poll(struct pollfd *descriptors, nfds_t count, int64_t due) {
  for (;;) {
    if (rc_virtual() >= due) { struct timespec none = { 0, 0 }; return NEXT(ppoll)(descriptors, count, &none, NULL); }
    struct rc_signal_wait wait;
    struct timespec limit = { RC_PATIENCE_SECONDS, 0 };
    rc_begin(&wait, due, NULL);
    int ready = rc_virtual() >= due ? 0 : NEXT(ppoll)(descriptors, count, &limit, &wait.during);
    rc_end(&wait);
    if (ready > 0) return ready;
  }
}
