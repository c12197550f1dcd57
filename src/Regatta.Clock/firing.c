/* Waking who waits for a moment of virtual time. */
#include "govern.h"
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

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

static void fire(struct rc_page *page, struct rc_slot *slot) {
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

/* Of two that are due at once: who was started first, whatever the order in which they came to wait. */
static int before(const struct rc_slot *one, const struct rc_slot *other) {
  return one->process != other->process ? one->process < other->process : one->thread < other->thread;
}

struct rc_firing fire_due(struct rc_page *page, int64_t virtual, int one) {
  uint32_t used = atomic_load(&page->used);
  struct rc_firing result = { RC_NEVER, 0, 0 };
  struct rc_slot *first = NULL;
  int64_t earliest = RC_NEVER;
  for (uint32_t i = 0; i < used; i++) {
    struct rc_slot *slot = &page->slots[i];
    uint32_t state = atomic_load(&slot->state);
    if (state == RC_FIRED && slot->kind == RC_LOOKS) { result.looking = 1; continue; }
    if (state != RC_ARMED) continue;
    int64_t due = atomic_load(&slot->due);
    if (due <= virtual && !one) {
      fire(page, slot);
      result.woken++;
      if (slot->kind == RC_LOOKS) result.looking = 1;
      due = atomic_load(&slot->state) == RC_ARMED ? atomic_load(&slot->due) : RC_NEVER;
    } else if (one) {
      if (due < earliest || (due == earliest && first && before(slot, first))) {
        if (first && earliest < result.next) result.next = earliest;
        first = slot;
        earliest = due;
        continue;
      }
    }
    if (due < result.next) result.next = due;
  }
  if (!first) return result;
  if (earliest > virtual) { if (earliest < result.next) result.next = earliest; return result; }
  fire(page, first);
  result.woken = 1;
  if (first->kind == RC_LOOKS) result.looking = 1;
  if (atomic_load(&first->state) == RC_ARMED && atomic_load(&first->due) < result.next) result.next = atomic_load(&first->due);
  return result;
}

void sweep(struct rc_page *page) {
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
