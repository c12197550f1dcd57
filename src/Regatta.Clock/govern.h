/* The governor's loop, and what it wakes by. */
#ifndef REGATTA_CLOCK_GOVERN_H
#define REGATTA_CLOCK_GOVERN_H

#include "clock.h"
#include <signal.h>

/* Keeps the clock of a page until `stop` is set or `over` (which may be null) says so. `patience`: nanoseconds of real time after which a thread that computes
   without a pause is told of. */
void govern(struct rc_page *page, const volatile sig_atomic_t *stop, int (*over)(void), int64_t patience);

/* next: the next moment that somebody waits for. woken: how many were. looking: somebody that looks by itself was woken and has not looked. */
struct rc_firing { int64_t next; int woken, looking; };
/* Wakes all that are due; or the one that was due first, of several the one that was started first. */
struct rc_firing fire_due(struct rc_page *page, int64_t virtual, int one);
/* Slots of processes that ended without giving them back. */
void sweep(struct rc_page *page);

#endif
