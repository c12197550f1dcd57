/* What the parts of the library share. */
#ifndef REGATTA_CLOCK_OWN_H
#define REGATTA_CLOCK_OWN_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "clock.h"
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <time.h>

#pragma GCC visibility push(hidden)

/* The function of that name that would be called without this library. */
#define NEXT(name) ({ static __typeof__(&name) next_; if (!next_) next_ = (__typeof__(&name))dlsym(RTLD_NEXT, #name); next_; })

/* A real wait is never longer than this: a thread whose governor died looks at the clock by itself. */
#define RC_PATIENCE_SECONDS 20

extern struct rc_page *rc_page;

/* Whether this process goes by the clock. */
int rc_on(void);
/* Joins a clock by its file; 0, or -1. */
int rc_join(const char *path);
int64_t rc_real(void);
int64_t rc_virtual(void);
/* The moment of virtual time (monotonic) that an absolute time of a clock is; RC_NEVER where it is too far. */
int64_t rc_due(clockid_t clock, const struct timespec *at);
/* Now and so much more. */
int64_t rc_after(int64_t nanoseconds);
/* Whether the clock is one that the page holds. */
int rc_covers(clockid_t clock);
int64_t rc_nanoseconds(const struct timespec *time);
struct timespec rc_timespec(int64_t nanoseconds);

/* The slot of this thread; null where there is none left. */
struct rc_slot *rc_mine(void);
struct rc_slot *rc_take(int kind);
void rc_give(struct rc_slot *slot);
void rc_arm(struct rc_slot *slot, int kind, int64_t due);
/* Ends a wait; whether it was fired. */
int rc_disarm(struct rc_slot *slot);
int rc_futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *timeout);

/* Waits until then; 0, or -1 when a signal came before. */
int rc_sleep_until(int64_t due);

/* A wait that the kernel does with a mask of signals. */
struct rc_signal_wait { struct rc_slot *slot; sigset_t before, during; int64_t due; };
void rc_begin(struct rc_signal_wait *wait, int64_t due, const sigset_t *mask);
/* Ends it; whether the moment came. */
int rc_end(struct rc_signal_wait *wait);
int rc_wake_signal(void);
void rc_forget_timers(void);

#pragma GCC visibility pop
#define RC_EXPORT __attribute__((visibility("default")))
#endif
