/* Each call that the library covers, for an hour of virtual time. One that the library misses would wait that hour, so real time is limited by an alarm. */
#include "clock.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOUR = 3600 };
static volatile sig_atomic_t came;
static int never[2];

static double seconds(clockid_t clock, int real) {
  struct timespec time;
  if (real) rc_kernel(SYS_clock_gettime, clock, (long)&time, 0, 0, 0, 0);
  else clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void handler(int number) { (void)number; came = 1; }

static struct timespec in(clockid_t clock, int seconds) {
  struct timespec time;
  clock_gettime(clock, &time);
  time.tv_sec += seconds;
  return time;
}

static int until_came(void) { while (!came) pause(); return 0; }

static int p_nanosleep(void) { struct timespec t = { HOUR, 0 }; return nanosleep(&t, NULL); }
static int p_clock_nanosleep(void) { struct timespec t = in(CLOCK_REALTIME, HOUR); return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL); }
static int p_clock_nanosleep_monotonic(void) { struct timespec t = { HOUR, 0 }; return clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL); }
static int p_sleep(void) { return (int)sleep(HOUR); }
static int p_usleep(void) { return usleep(HOUR * 1000000u); }
static int p_poll(void) { struct pollfd f = { never[0], POLLIN, 0 }; return poll(&f, 1, HOUR * 1000); }
static int p_poll_nothing(void) { return poll(NULL, 0, HOUR * 1000); }
static int p_ppoll(void) { struct pollfd f = { never[0], POLLIN, 0 }; struct timespec t = { HOUR, 0 }; return ppoll(&f, 1, &t, NULL); }
static int p_select(void) { fd_set s; FD_ZERO(&s); FD_SET(never[0], &s); struct timeval t = { HOUR, 0 }; return select(never[0] + 1, &s, NULL, NULL, &t) || FD_ISSET(never[0], &s) || t.tv_sec > 1; }
static int p_pselect(void) { fd_set s; FD_ZERO(&s); FD_SET(never[0], &s); struct timespec t = { HOUR, 0 }; return pselect(never[0] + 1, &s, NULL, NULL, &t, NULL); }
static int p_epoll(void) {
  int e = epoll_create1(0), r;
  struct epoll_event event = { EPOLLIN, { 0 } };
  epoll_ctl(e, EPOLL_CTL_ADD, never[0], &event);
  r = epoll_wait(e, &event, 1, HOUR * 1000);
  close(e);
  return r;
}
static int condition(int monotonic) {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t c;
  pthread_condattr_t a;
  pthread_condattr_init(&a);
  if (monotonic) pthread_condattr_setclock(&a, CLOCK_MONOTONIC);
  pthread_cond_init(&c, &a);
  struct timespec t = in(monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, HOUR);
  pthread_mutex_lock(&m);
  int r;
  while (!(r = pthread_cond_timedwait(&c, &m, &t))) {}
  pthread_mutex_unlock(&m);
  pthread_cond_destroy(&c);
  return r != ETIMEDOUT;
}
static int p_cond(void) { return condition(0); }
static int p_cond_monotonic(void) { return condition(1); }
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t said = PTHREAD_COND_INITIALIZER;
static int word;
static void *speaker(void *x) {
  sleep(HOUR);
  pthread_mutex_lock(&lock);
  word = 1;
  pthread_cond_signal(&said);
  pthread_mutex_unlock(&lock);
  return x;
}
static int p_cond_signalled(void) {
  pthread_t t;
  int r = 0;
  word = 0;
  pthread_mutex_lock(&lock);
  pthread_create(&t, NULL, speaker, NULL);
  struct timespec until = in(CLOCK_REALTIME, 2 * HOUR);
  while (!word && !r) r = pthread_cond_timedwait(&said, &lock, &until);
  pthread_mutex_unlock(&lock);
  pthread_join(t, NULL);
  return r || !word;
}
static int p_cond_untimed(void) {
  pthread_t t;
  word = 0;
  pthread_mutex_lock(&lock);
  pthread_create(&t, NULL, speaker, NULL);
  while (!word) pthread_cond_wait(&said, &lock);
  pthread_mutex_unlock(&lock);
  return pthread_join(t, NULL);
}
static void unlock(void *mutex) { pthread_mutex_unlock(mutex); }
static void *waiter(void *x) { pthread_mutex_lock(&lock); pthread_cleanup_push(unlock, &lock); while (!word) pthread_cond_wait(&said, &lock); pthread_cleanup_pop(1); return x; }
static int p_cond_cancelled(void) {
  pthread_t t;
  word = 0;
  pthread_create(&t, NULL, waiter, NULL);
  sleep(HOUR);
  pthread_cancel(t);
  pthread_join(t, NULL);
  return pthread_mutex_trylock(&lock) || pthread_mutex_unlock(&lock);
}
static int p_sem(void) { sem_t s; sem_init(&s, 0, 0); struct timespec t = in(CLOCK_REALTIME, HOUR); return sem_timedwait(&s, &t) == 0 || errno != ETIMEDOUT; }
static void *locker(void *x) { struct timespec t = in(CLOCK_REALTIME, HOUR); *(int *)x = pthread_mutex_timedlock(&held, &t); return NULL; }
static int p_timedlock(void) { pthread_t t; int r = 0; pthread_mutex_lock(&held); pthread_create(&t, NULL, locker, &r); pthread_join(t, NULL); pthread_mutex_unlock(&held); return r != ETIMEDOUT; }
static int p_sigtimedwait(void) {
  sigset_t s, old;
  sigemptyset(&s);
  sigaddset(&s, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &s, &old);
  struct timespec t = { HOUR, 0 };
  int r = sigtimedwait(&s, NULL, &t), e = errno;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  return r != -1 || e != EAGAIN;
}
static int p_alarm(void) { came = 0; signal(SIGALRM, handler); alarm(HOUR); return until_came(); }
static int p_setitimer(void) { came = 0; signal(SIGALRM, handler); struct itimerval v = { { 0, 0 }, { HOUR, 0 } }; return setitimer(ITIMER_REAL, &v, NULL) || until_came(); }
static int p_timer(void) {
  came = 0;
  signal(SIGUSR2, handler);
  struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
  timer_t id;
  if (timer_create(CLOCK_REALTIME, &e, &id)) return 1;
  struct itimerspec v = { { 0, 0 }, in(CLOCK_REALTIME, HOUR) };
  int r = timer_settime(id, TIMER_ABSTIME, &v, NULL) || until_came();
  timer_delete(id);
  return r;
}
static int p_timerfd(void) {
  int f = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  struct itimerspec v = { { 0, 0 }, { HOUR, 0 } };
  uint64_t count = 0;
  int r = timerfd_settime(f, 0, &v, NULL) || read(f, &count, sizeof count) != sizeof count || count != 1;
  close(f);
  return r;
}
static int p_child(void) {
  int status, child = fork();
  if (child == 0) { execlp("sleep", "sleep", "3600", NULL); _exit(127); }
  return waitpid(child, &status, 0) != child || status;
}
static int p_time(void) { time_t a = time(NULL); sleep(HOUR); struct timeval v; gettimeofday(&v, NULL); struct timespec t; timespec_get(&t, TIME_UTC); return !(time(NULL) - a >= HOUR && v.tv_sec - a >= HOUR && t.tv_sec - a >= HOUR); }
static int p_kernel(void) {
  struct timespec a, b;
  struct timeval c;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &a);
  sleep(HOUR);
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &b);
  syscall(SYS_gettimeofday, &c, NULL);
  return b.tv_sec - a.tv_sec < HOUR || c.tv_sec - a.tv_sec < HOUR;
}
static int p_file(void) {
  char path[] = "/tmp/regatta-clock-XXXXXX";
  struct stat a, b;
  int f = mkstemp(path), r = f < 0 || stat(path, &a);
  struct timespec while_ = { 0, 10000000 };
  sleep(HOUR);
  syscall(SYS_nanosleep, &while_, NULL);
  r |= write(f, "x", 1) != 1 || fstat(f, &b) || b.st_mtim.tv_sec - a.st_mtim.tv_sec < HOUR - 1 || b.st_mtim.tv_sec > time(NULL);
  close(f);
  unlink(path);
  return r;
}
static int p_interrupted(void) {
  came = 0;
  struct sigaction action = { .sa_handler = handler };
  sigaction(SIGALRM, &action, NULL);
  alarm(HOUR);
  struct pollfd f = { never[0], POLLIN, 0 };
  return poll(&f, 1, INT_MAX) != -1 || errno != EINTR || !came;
}

static const struct { const char *name; int (*call)(void); } probes[] = {
  { "nanosleep", p_nanosleep }, { "clock_nanosleep (absolute)", p_clock_nanosleep }, { "clock_nanosleep (monotonic)", p_clock_nanosleep_monotonic }, { "sleep", p_sleep }, { "usleep", p_usleep },
  { "poll", p_poll }, { "poll of nothing", p_poll_nothing }, { "ppoll", p_ppoll }, { "select", p_select }, { "pselect", p_pselect }, { "epoll_wait", p_epoll },
  { "pthread_cond_timedwait", p_cond }, { "pthread_cond_timedwait (monotonic)", p_cond_monotonic }, { "pthread_cond_signal", p_cond_signalled }, { "pthread_cond_wait", p_cond_untimed },
  { "pthread_cancel of a wait", p_cond_cancelled }, { "sem_timedwait", p_sem }, { "pthread_mutex_timedlock", p_timedlock }, { "sigtimedwait", p_sigtimedwait }, { "alarm", p_alarm }, { "setitimer", p_setitimer },
  { "timer_settime", p_timer }, { "timerfd_settime", p_timerfd }, { "a program that is started", p_child }, { "time, gettimeofday, timespec_get", p_time }, { "syscall(SYS_clock_gettime)", p_kernel }, { "times of files", p_file },
  { "a wait that a signal ends", p_interrupted },
};

static const char *under_way;

/* The kernel's own alarm: it ends a call that the clock does not reach, or the whole where the call goes on. */
static void over(int number) {
  static const char *told;
  (void)number;
  if (told != under_way) { told = under_way; return; }
  static const char words[] = "FAILED: it does not end: ";
  (void)!write(1, words, sizeof words - 1);
  (void)!write(1, under_way, strlen(under_way));
  (void)!write(1, "\n", 1);
  _exit(1);
}

int probe(void) {
  int failed = 0;
  const char *only = getenv("REGATTA_CLOCK_PROBE"), *said = getenv("REGATTA_CLOCK_PROBE_SECONDS");
  int most = said && atoi(said) > 0 ? atoi(said) : 20;
  if (pipe(never)) return 1;
  for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
    if (only && strcmp(only, probes[i].name)) continue;
    under_way = probes[i].name;
    struct itimerval limit = { { 1, 0 }, { most, 0 } }, none = { { 0, 0 }, { 0, 0 } };
    fflush(stdout);
    double real = seconds(CLOCK_MONOTONIC, 1), virtual = seconds(CLOCK_MONOTONIC, 0), utc = seconds(CLOCK_REALTIME, 0);
    signal(SIGALRM, over);
    syscall(SYS_setitimer, ITIMER_REAL, &limit, NULL);
    int wrong = probes[i].call();
    syscall(SYS_setitimer, ITIMER_REAL, &none, NULL);
    real = seconds(CLOCK_MONOTONIC, 1) - real;
    virtual = seconds(CLOCK_MONOTONIC, 0) - virtual;
    utc = seconds(CLOCK_REALTIME, 0) - utc;
    int ok = !wrong && virtual >= HOUR - 0.001 && virtual < HOUR + 5 && utc >= HOUR - 0.001 && utc < HOUR + 5 && real < most;
    failed += !ok;
    printf("%s %s: %.3f s virtual, %.3f s real%s\n", ok ? "ok" : "FAILED", probes[i].name, virtual, real, wrong ? ", and the call says otherwise" : "");
  }
  printf("%d of %zu calls do not go by the clock\n", failed, sizeof probes / sizeof *probes);
  return failed ? 1 : 0;
}
