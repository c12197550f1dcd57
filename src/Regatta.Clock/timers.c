/* Timers that send signals or make a descriptor readable. The governor does both when their moment of virtual time comes; the kernel's own stay unset. */
#include "own.h"
#include <string.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { TIMERS = 64, DESCRIPTORS = 1024 };

struct timer { timer_t id; struct rc_slot *slot; clockid_t clock; int signal, thread, used; };
static struct rc_slot *alarm_slot, *descriptor_slots[DESCRIPTORS];
static clockid_t descriptor_clocks[DESCRIPTORS];
static struct timer timers[TIMERS];

/* A child has no timers of its parent's; descriptors it shares. */
void rc_forget_timers(void) {
  alarm_slot = NULL;
  memset(timers, 0, sizeof timers);
  memset(descriptor_slots, 0, sizeof descriptor_slots);
}

/* What is left until the slot is due, and its interval. */
static struct itimerspec left(struct rc_slot *slot) {
  struct itimerspec value = { { 0, 0 }, { 0, 0 } };
  if (!slot || atomic_load(&slot->state) != RC_ARMED) return value;
  int64_t rest = atomic_load(&slot->due) - rc_virtual();
  value.it_value = rc_timespec(rest > 0 ? rest : 1);
  value.it_interval = rc_timespec(slot->interval);
  return value;
}

static void set(struct rc_slot *slot, int kind, const struct itimerspec *value, int64_t due) {
  rc_disarm(slot);
  slot->interval = rc_nanoseconds(&value->it_interval);
  if (value->it_value.tv_sec || value->it_value.tv_nsec) rc_arm(slot, kind, due);
}

RC_EXPORT int setitimer(__itimer_which_t which, const struct itimerval *restrict new, struct itimerval *restrict old) {
  if (which != ITIMER_REAL || !rc_on()) return NEXT(setitimer)(which, new, old);
  struct itimerspec was = left(alarm_slot);
  if (old) *old = (struct itimerval){ { was.it_interval.tv_sec, was.it_interval.tv_nsec / 1000 }, { was.it_value.tv_sec, was.it_value.tv_nsec / 1000 } };
  if (!new) return 0;
  if (!alarm_slot) alarm_slot = rc_take(RC_PROCESS_SIGNAL);
  if (!alarm_slot) { errno = EAGAIN; return -1; }
  alarm_slot->signal = SIGALRM;
  struct itimerspec value = { { new->it_interval.tv_sec, new->it_interval.tv_usec * 1000 }, { new->it_value.tv_sec, new->it_value.tv_usec * 1000 } };
  set(alarm_slot, RC_PROCESS_SIGNAL, &value, rc_after(rc_nanoseconds(&value.it_value)));
  return 0;
}

RC_EXPORT int getitimer(__itimer_which_t which, struct itimerval *value) {
  if (which != ITIMER_REAL || !rc_on()) return NEXT(getitimer)(which, value);
  struct itimerspec now = left(alarm_slot);
  *value = (struct itimerval){ { now.it_interval.tv_sec, now.it_interval.tv_nsec / 1000 }, { now.it_value.tv_sec, now.it_value.tv_nsec / 1000 } };
  return 0;
}

RC_EXPORT unsigned alarm(unsigned seconds) {
  struct itimerval new = { { 0, 0 }, { seconds, 0 } }, old;
  if (setitimer(ITIMER_REAL, &new, &old)) return 0;
  return (unsigned)old.it_value.tv_sec + (old.it_value.tv_usec > 0);
}

static struct timer *find(timer_t id) {
  for (int i = 0; i < TIMERS; i++) if (timers[i].used && timers[i].id == id) return &timers[i];
  return NULL;
}

RC_EXPORT int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict id) {
  int result = NEXT(timer_create)(clock, event, id);
  if (result || !rc_covers(clock) || !rc_on()) return result;
  int how = event ? event->sigev_notify : SIGEV_SIGNAL;
  if (how != SIGEV_SIGNAL && how != SIGEV_THREAD_ID) {
    /* A thread that glibc makes for each: it goes by real time, and the audit is told. */
    if (how != SIGEV_NONE) atomic_fetch_add(&rc_page->unsupported, 1);
    return 0;
  }
  for (int i = 0; i < TIMERS; i++) {
    int unused = 0;
    if (!__atomic_compare_exchange_n(&timers[i].used, &unused, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) continue;
    timers[i] = (struct timer){ *id, rc_take(RC_PROCESS_SIGNAL), clock, event ? event->sigev_signo : SIGALRM, how == SIGEV_THREAD_ID ? event->_sigev_un._tid : 0, 1 };
    return 0;
  }
  atomic_fetch_add(&rc_page->unsupported, 1);
  return 0;
}

RC_EXPORT int timer_settime(timer_t id, int flags, const struct itimerspec *restrict new, struct itimerspec *restrict old) {
  struct timer *timer = rc_on() ? find(id) : NULL;
  if (!timer || !timer->slot || !new) return NEXT(timer_settime)(id, flags, new, old);
  if (old) *old = left(timer->slot);
  timer->slot->signal = timer->signal;
  if (timer->thread) timer->slot->thread = timer->thread;
  set(timer->slot, timer->thread ? RC_THREAD_SIGNAL : RC_PROCESS_SIGNAL, new, flags & TIMER_ABSTIME ? rc_due(timer->clock, &new->it_value) : rc_after(rc_nanoseconds(&new->it_value)));
  return 0;
}

RC_EXPORT int timer_gettime(timer_t id, struct itimerspec *value) {
  struct timer *timer = rc_on() ? find(id) : NULL;
  if (!timer || !timer->slot) return NEXT(timer_gettime)(id, value);
  *value = left(timer->slot);
  return 0;
}

RC_EXPORT int timer_delete(timer_t id) {
  struct timer *timer = rc_on() ? find(id) : NULL;
  if (timer) {
    if (timer->slot) rc_give(timer->slot);
    memset(timer, 0, sizeof *timer);
  }
  return NEXT(timer_delete)(id);
}

RC_EXPORT int timerfd_create(int clock, int flags) {
  int made = NEXT(timerfd_create)(clock, flags);
  if (made < 0 || !rc_on()) return made;
  if (made >= DESCRIPTORS) { atomic_fetch_add(&rc_page->unsupported, 1); return made; }
  if (descriptor_slots[made]) rc_give(descriptor_slots[made]);
  descriptor_slots[made] = rc_covers(clock) ? rc_take(RC_TIMER_DESCRIPTOR) : NULL;
  descriptor_clocks[made] = clock;
  if (descriptor_slots[made]) descriptor_slots[made]->descriptor = made;
  return made;
}

RC_EXPORT int timerfd_settime(int file, int flags, const struct itimerspec *new, struct itimerspec *old) {
  struct rc_slot *slot = file >= 0 && file < DESCRIPTORS && rc_on() ? descriptor_slots[file] : NULL;
  if (!slot || !new) return NEXT(timerfd_settime)(file, flags, new, old);
  struct itimerspec was = left(slot), none = { { 0, 0 }, { 0, 0 } };
  /* What it had to say and nobody read is forgotten, as when the kernel's own is set. */
  if (NEXT(timerfd_settime)(file, 0, &none, NULL)) return -1;
  if (old) *old = was;
  set(slot, RC_TIMER_DESCRIPTOR, new, flags & TFD_TIMER_ABSTIME ? rc_due(descriptor_clocks[file], &new->it_value) : rc_after(rc_nanoseconds(&new->it_value)));
  return 0;
}

RC_EXPORT int timerfd_gettime(int file, struct itimerspec *value) {
  struct rc_slot *slot = file >= 0 && file < DESCRIPTORS && rc_on() ? descriptor_slots[file] : NULL;
  if (!slot) return NEXT(timerfd_gettime)(file, value);
  *value = left(slot);
  return 0;
}
