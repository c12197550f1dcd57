/* regatta-clock: the governor of a twin's clock as a unit, around one program, and what is asked of it. */
#include "busy.h"
#include "govern.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int probe(void);

static volatile sig_atomic_t stop;
static int child, child_status;

static void stopped(int number) { (void)number; stop = 1; }

static int64_t read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return rc_count(time);
}

static struct rc_page *map(const char *path, int flags) {
  int file = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
  if (file < 0) return NULL;
  struct rc_page *page = MAP_FAILED;
  if ((!(flags & O_CREAT) || (ftruncate(file, sizeof *page) == 0 && fchmod(file, 0666) == 0))) {
    struct stat status;
    if (fstat(file, &status) == 0 && status.st_size >= (off_t)sizeof *page) page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  close(file);
  return page == MAP_FAILED ? NULL : page;
}

static struct rc_page *existing(const char *path) {
  struct rc_page *page = map(path, 0);
  if (page && page->magic == RC_MAGIC && page->layout == RC_LAYOUT) return page;
  fprintf(stderr, "regatta-clock: %s is no clock\n", path);
  return NULL;
}

/* A new clock that shows real time, whole before it has its name. */
static struct rc_page *create(const char *path, double charge, int64_t quantum, int64_t speed) {
  char draft[PATH_MAX], directory[PATH_MAX];
  snprintf(directory, sizeof directory, "%s", path);
  mkdir(dirname(directory), 0755);
  if (snprintf(draft, sizeof draft, "%s.new", path) >= (int)sizeof draft) return NULL;
  unlink(draft);
  struct rc_page *page = map(draft, O_CREAT | O_EXCL);
  if (!page) { perror(draft); return NULL; }
  page->began_real = page->real_base = page->virtual_base = read_clock(CLOCK_MONOTONIC);
  page->began_utc = read_clock(CLOCK_REALTIME);
  page->utc_offset = page->began_utc - page->began_real;
  page->rate = quantum && speed != 1 ? 0 : RC_ONE;
  page->limit = RC_NEVER;
  page->charge = (int64_t)(charge * (double)RC_ONE);
  page->quantum = quantum;
  atomic_store(&page->speed, speed);
  atomic_store(&page->next_due, RC_NEVER);
  atomic_store(&page->last_bucket, -1);
  page->layout = RC_LAYOUT;
  page->magic = RC_MAGIC;
  if (rename(draft, path)) { perror(path); return NULL; }
  return page;
}

static int child_over(void) {
  if (waitpid(child, &child_status, WNOHANG) != child) return 0;
  child = 0;
  return 1;
}

static const char *library(char *path, size_t size) {
  ssize_t length = readlink("/proc/self/exe", path, size - 16);
  if (length < 0) return NULL;
  path[length] = 0;
  strcat(path, ".so");
  return access(path, R_OK) == 0 ? path : NULL;
}

/* Runs a program by a clock of its own. */
static int run(char *const *command, double charge, int64_t quantum, int64_t speed, int64_t patience) {
  char directory[] = "/dev/shm/regatta-clock-XXXXXX", path[PATH_MAX], preload[PATH_MAX];
  if (!library(preload, sizeof preload)) { fprintf(stderr, "regatta-clock: the library is not beside the program\n"); return 70; }
  if (!mkdtemp(directory)) { perror(directory); return 70; }
  chmod(directory, 0755);
  snprintf(path, sizeof path, "%s/clock", directory);
  struct rc_page *page = create(path, charge, quantum, speed);
  if (!page) return 70;
  child = fork();
  if (child == 0) {
    setenv("LD_PRELOAD", preload, 1);
    setenv(RC_VARIABLE, path, 1);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
  }
  busy_open(NULL, page);
  int64_t began = read_clock(CLOCK_MONOTONIC);
  govern(page, &stop, child_over, patience);
  if (child > 0) { kill(child, SIGTERM); waitpid(child, &child_status, 0); }
  int64_t real = read_clock(CLOCK_MONOTONIC) - began;
  if (getenv("REGATTA_CLOCK_TELL")) fprintf(stderr, "virtual %.3f s in %.3f s, %lld jumps\n", (double)(rc_at(page, began + real) - page->began_real) / 1e9, (double)real / 1e9, (long long)atomic_load(&page->jumps));
  unlink(path);
  rmdir(directory);
  return WIFEXITED(child_status) ? WEXITSTATUS(child_status) : 128 + WTERMSIG(child_status);
}

static void show(struct rc_page *page) {
  int64_t real = read_clock(CLOCK_MONOTONIC);
  printf("{\"virtualUtc\":%lld,\"virtual\":%lld,\"real\":%lld,\"speed\":%lld,\"charge\":%.6f,\"quantum\":%lld,\"jumps\":%lld,\"jumped\":%lld,\"busy\":%lld,\"waiting\":%lld,\"fired\":%lld,\"looks\":%lld,\"went\":%lld,"
         "\"slots\":%u,\"overflows\":%lld,\"escapes\":%lld,\"escapeName\":\"%s\",\"unsupported\":%lld,\"stuckProcess\":%d,\"stuckThread\":%d,\"stuckSeconds\":%lld,\"stuckName\":\"%s\",\"governor\":%d,\"heartbeatAge\":%lld}\n",
         (long long)(rc_at(page, real) + page->utc_offset), (long long)(rc_at(page, real) - page->began_real), (long long)(real - page->began_real), (long long)atomic_load(&page->speed),
         (double)page->charge / (double)RC_ONE, (long long)page->quantum, (long long)atomic_load(&page->jumps), (long long)atomic_load(&page->jumped), (long long)atomic_load(&page->busy), (long long)atomic_load(&page->waiting),
         (long long)atomic_load(&page->fired), (long long)atomic_load(&page->looks), (long long)atomic_load(&page->went), atomic_load(&page->used), (long long)atomic_load(&page->overflows), (long long)atomic_load(&page->escapes), page->escape_name,
         (long long)atomic_load(&page->unsupported), atomic_load(&page->stuck_process), atomic_load(&page->stuck_thread),
         atomic_load(&page->stuck_since) ? (long long)((real - atomic_load(&page->stuck_since)) / RC_SECOND) : 0LL, page->stuck_name, atomic_load(&page->governor), (long long)(real - atomic_load(&page->heartbeat)));
}

/* Who waits, how, and for how many seconds more. */
static void waits(struct rc_page *page) {
  static const char *const kinds[] = { "sleeps", "waits in the kernel", "timer", "timer with a descriptor", "looks", "goes by the clock" };
  int64_t virtual = rc_at(page, read_clock(CLOCK_MONOTONIC));
  uint32_t used = atomic_load(&page->used);
  for (uint32_t i = 0; i < used; i++) {
    struct rc_slot *slot = &page->slots[i];
    char path[64], name[32] = "";
    if (atomic_load(&slot->state) != RC_ARMED) continue;
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", slot->process, slot->thread);
    FILE *file = fopen(path, "re");
    if (file) { if (!fgets(name, sizeof name, file)) *name = 0; fclose(file); }
    name[strcspn(name, "\n")] = 0;
    int64_t due = atomic_load(&slot->due);
    printf("%d %d %s %s %.6f\n", slot->process, slot->thread, name, slot->kind >= 0 && slot->kind <= RC_PROCESS ? kinds[slot->kind] : "?", due == RC_NEVER ? -1.0 : (double)(due - virtual) / 1e9);
  }
}

/* Tells systemd that the clock is there. */
static void ready(void) {
  const char *name = getenv("NOTIFY_SOCKET");
  struct sockaddr_un to = { .sun_family = AF_UNIX };
  if (!name || strlen(name) >= sizeof to.sun_path) return;
  strcpy(to.sun_path, name);
  socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
  if (*name == '@') to.sun_path[0] = 0;
  int channel = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sendto(channel, "READY=1", 7, 0, (struct sockaddr *)&to, length);
  close(channel);
}

static int usage(void) {
  fprintf(stderr, "regatta-clock govern [--page FILE] [--group DIRECTORY] [--usage FILE] [--charge C] [--quantum MICROSECONDS] [--patience SECONDS]\n"
                  "                                                                      keeps the clock; it follows real time until a speed is set\n"
                  "regatta-clock run [--speed S] [--charge C] [--quantum MICROSECONDS] [--patience SECONDS] PROGRAM [ARGUMENT...]\n"
                  "                                                                      runs a program by a clock of its own\n"
                  "regatta-clock speed [--page FILE] S                                   most virtual seconds for a real one while all wait; 0: no limit, 1: real time\n"
                  "regatta-clock show [--page FILE]                                      what the clock says, as JSON\n"
                  "regatta-clock waits [--page FILE]                                     process, thread, its name, how it waits, for how many seconds more\n"
                  "regatta-clock self-test                                               whether each call that is covered ends in virtual time\n");
  return 64;
}

int main(int count, char **arguments) {
  const char *page_path = RC_DEFAULT_PAGE, *group = NULL, *usage_file = NULL;
  double charge = 1;
  int64_t speed = 0, quantum = 0, patience = 20;
  int at = 2;
  if (count < 2) return usage();
  for (; at + 1 < count && !strncmp(arguments[at], "--", 2); at += 2) {
    char *end = arguments[at + 1];
    if (!strcmp(arguments[at], "--page")) page_path = arguments[at + 1];
    else if (!strcmp(arguments[at], "--group")) group = arguments[at + 1];
    else if (!strcmp(arguments[at], "--usage")) usage_file = arguments[at + 1];
    else if (!strcmp(arguments[at], "--charge") && (charge = strtod(end, &end)) > 0 && charge <= 1000 && !*end) {}
    else if (!strcmp(arguments[at], "--quantum") && (quantum = strtoll(end, &end, 10)) >= 0 && quantum <= 60000000 && !*end) {}
    else if (!strcmp(arguments[at], "--patience") && (patience = strtoll(end, &end, 10)) > 0 && patience <= 86400 && !*end) {}
    else if (!strcmp(arguments[at], "--speed") && (speed = strtoll(end, &end, 10)) >= 0 && !*end) {}
    else return usage();
  }
  quantum *= 1000;
  patience *= RC_SECOND;
  struct sigaction action = { .sa_handler = stopped };
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  if (!strcmp(arguments[1], "probe")) return probe();
  if (!strcmp(arguments[1], "self-test")) {
    char *const command[] = { arguments[0], "probe", NULL };
    return run(command, charge, quantum, 0, patience);
  }
  if (!strcmp(arguments[1], "run") && at < count) return run(arguments + at, charge, quantum, speed, patience);
  if (!strcmp(arguments[1], "govern") && at == count) {
    /* One that was started again goes on with the clock that is there; one of another program is of no use to this one's library. */
    struct rc_page *page = access(page_path, F_OK) == 0 ? existing(page_path) : NULL;
    if (!page) page = create(page_path, charge, quantum, 1);
    if (!page) return 70;
    if (busy_open(group, page) < 0) { fprintf(stderr, "regatta-clock: the kernel does not count the tasks of %s: %s\n", group, strerror(errno)); return 70; }
    if (busy_usage_open(usage_file) < 0) { fprintf(stderr, "regatta-clock: the processor time of the twin cannot be read: %s: %s\n", usage_file, strerror(errno)); return 70; }
    page->charge = (int64_t)(charge * (double)RC_ONE);
    page->quantum = quantum;
    ready();
    govern(page, &stop, NULL, patience);
    return 0;
  }
  struct rc_page *page = !strcmp(arguments[1], "show") || !strcmp(arguments[1], "waits") || !strcmp(arguments[1], "speed") ? existing(page_path) : NULL;
  if (!page) return usage();
  if (!strcmp(arguments[1], "show")) { show(page); return 0; }
  if (!strcmp(arguments[1], "waits")) { waits(page); return 0; }
  if (at + 1 != count) return usage();
  char *end;
  speed = strtoll(arguments[at], &end, 10);
  if (*end || speed < 0) return usage();
  atomic_store(&page->speed, speed);
  atomic_fetch_add(&page->poke, 1);
  syscall(SYS_futex, &page->poke, FUTEX_WAKE, 1, NULL, NULL, 0);
  return 0;
}
