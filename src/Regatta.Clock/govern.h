/* The governor's loop. */
#ifndef REGATTA_CLOCK_GOVERN_H
#define REGATTA_CLOCK_GOVERN_H

#include "clock.h"
#include <signal.h>

/* Keeps the clock of a page until `stop` is set or `over` (which may be null) says so. */
void govern(struct rc_page *page, const volatile sig_atomic_t *stop, int (*over)(void));

#endif
