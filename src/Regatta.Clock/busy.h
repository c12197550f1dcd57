/* What the parts of the governor share. */
#ifndef REGATTA_CLOCK_BUSY_H
#define REGATTA_CLOCK_BUSY_H

#include "clock.h"

/* Looks at the tasks of a control group (a directory of a v1 hierarchy) with the kernel's own count; null: at the processes of the page, one by one. */
int busy_open(const char *group, struct rc_page *page);
enum { BUSY_NOT, BUSY_COMPUTES, BUSY_DISK };

/* Whether a task of the twin computes or waits for a processor, or only waits for a disk. -1: it cannot be told. A first look is cheap and may find that none does
   where one that waits for a processor has not had it; only the next one, which comes `again`, is sure. */
int busy_now(int again);
/* A file that says how many nanoseconds of processors the twin took (cpuacct.usage of a v1 control group); null for none. */
int busy_usage_open(const char *path);
/* What the twin took without the governor; -1 where that is not known. */
int64_t busy_usage(void);
/* What the governor took. */
int64_t busy_own(void);
/* What the scheduler took; -1 where there is none. */
int64_t busy_scheduler(void);
/* How many processes go by the clock. */
int busy_processes(void);
/* The thread that computed most over the last second or so; 0 when none took most of a processor. */
int busy_most(int *process, int *thread, char *name, int size);
/* Processes of Slurm, or below its steps, that do not go by the clock and have lived for a second: how many new ones, the name of one. */
int busy_escaped(char *name, int size);

/* Fields of /proc/…/stat: name (32 bytes), state, parent, ticks, start; 0 when it is gone. */
int busy_stat(const char *path, char *name, char *state, int *parent, unsigned long long *ticks, unsigned long long *start);
/* Calls for each process of this kernel's /proc. */
void busy_each(void (*call)(int process));

#endif
