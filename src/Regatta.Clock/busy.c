/* Whether the twin computes. The kernel knows: a thread that was woken is runnable before its waker goes on. */
#include "busy.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/cgroupstats.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/taskstats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MEASURED = 1 << 14, NOTICED = 10000 };

static struct { struct nlmsghdr netlink; struct genlmsghdr generic; char body[4096]; } request, answer;
static int channel = -1, usage_file = -1, family;
static uint32_t group_file;
static unsigned sequence;
static struct rc_page *page;
static struct { int thread; unsigned long long ticks; } measured[MEASURED];

static int ask(int type, int command, int attribute, const void *data, int length) {
  memset(&request, 0, sizeof request);
  request.netlink.nlmsg_type = type;
  request.netlink.nlmsg_flags = NLM_F_REQUEST;
  request.netlink.nlmsg_seq = ++sequence;
  request.generic.cmd = command;
  request.generic.version = 1;
  struct nlattr *first = (void *)request.body;
  first->nla_type = attribute;
  first->nla_len = NLA_HDRLEN + length;
  memcpy(request.body + NLA_HDRLEN, data, length);
  request.netlink.nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN + NLA_ALIGN(NLA_HDRLEN + length);
  if (send(channel, &request, request.netlink.nlmsg_len, 0) < 0) return -1;
  int size = recv(channel, &answer, sizeof answer, 0);
  return size < 0 || answer.netlink.nlmsg_type == NLMSG_ERROR ? -1 : size;
}

static void *found(int size, int type) {
  for (int at = NLMSG_HDRLEN + GENL_HDRLEN; at + NLA_HDRLEN <= size;) {
    struct nlattr *attribute = (void *)((char *)&answer + at);
    if (attribute->nla_len < NLA_HDRLEN) return NULL;
    if (attribute->nla_type == type) return (char *)attribute + NLA_HDRLEN;
    at += NLA_ALIGN(attribute->nla_len);
  }
  return NULL;
}

static int count(void);

int busy_open(const char *group, struct rc_page *given) {
  page = given;
  if (!group) return 0;
  int directory = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return -1;
  group_file = (uint32_t)directory;
  channel = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  struct sockaddr_nl local = { .nl_family = AF_NETLINK };
  if (channel < 0 || bind(channel, (struct sockaddr *)&local, sizeof local)) return -1;
  int size = ask(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, TASKSTATS_GENL_NAME, sizeof TASKSTATS_GENL_NAME);
  uint16_t *number = size > 0 ? found(size, CTRL_ATTR_FAMILY_ID) : NULL;
  if (!number) return -1;
  family = *number;
  return count() < 0 ? -1 : 0;
}

int busy_stat(const char *path, char *name, char *state, int *parent, unsigned long long *ticks, unsigned long long *start) {
  char text[1024];
  int file = open(path, O_RDONLY | O_CLOEXEC), size = file < 0 ? -1 : (int)read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (size <= 0) return 0;
  text[size] = 0;
  char *begin = strchr(text, '('), *end = strrchr(text, ')');
  if (!begin || !end) return 0;
  if (name) { int length = (int)(end - begin - 1); if (length > 31) length = 31; memcpy(name, begin + 1, length); name[length] = 0; }
  unsigned long long user = 0, system = 0, began = 0;
  int above = 0;
  if (sscanf(end + 2, "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %llu", state, &above, &user, &system, &began) < 5) return 0;
  if (parent) *parent = above;
  if (ticks) *ticks = user + system;
  if (start) *start = began;
  return 1;
}

/* Calls for each thread of a process until it returns other than 0. */
static int threads(int process, int (*call)(int process, int thread, const char *path)) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", process);
  DIR *tasks = opendir(path);
  if (!tasks) return 0;
  struct dirent *entry;
  int result = 0;
  while (!result && (entry = readdir(tasks))) {
    if (!isdigit((unsigned char)entry->d_name[0])) continue;
    snprintf(path, sizeof path, "/proc/%d/task/%.16s/stat", process, entry->d_name);
    result = call(process, atoi(entry->d_name), path);
  }
  closedir(tasks);
  return result;
}

static int runs(const char *path) {
  char state = 0;
  return busy_stat(path, NULL, &state, NULL, NULL, NULL) && (state == 'R' || state == 'D');
}

/* A child that is being started has not said yet that it goes by the clock. */
static int computes(int process, int thread, const char *path) {
  if (runs(path)) return 1;
  char name[64], text[512], *at = text;
  snprintf(name, sizeof name, "/proc/%d/task/%d/children", process, thread);
  int file = open(name, O_RDONLY | O_CLOEXEC), size = file < 0 ? 0 : (int)read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  text[size > 0 ? size : 0] = 0;
  for (long child; (child = strtol(at, &at, 10)) > 0;) {
    snprintf(name, sizeof name, "/proc/%ld/stat", child);
    if (runs(name)) return 1;
  }
  return 0;
}

int64_t busy_own(void) {
  struct timespec own;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
  return rc_count(own);
}

static int64_t raw_usage(void) {
  char text[32];
  ssize_t size = usage_file < 0 ? -1 : pread(usage_file, text, sizeof text - 1, 0);
  if (size <= 0) return -1;
  text[size] = 0;
  return strtoll(text, NULL, 10);
}

/* Whether nothing but the governor runs on the whole machine, which is all that the fourth word of loadavg says. */
static int machine_waits(void) {
  static int file = -1;
  char text[64];
  if (file < 0) file = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
  ssize_t size = file < 0 ? -1 : pread(file, text, sizeof text - 1, 0);
  if (size <= 0) return 0;
  text[size] = 0;
  int running = 0;
  return sscanf(text, "%*s %*s %*s %d", &running) == 1 && running <= 1;
}

/* The kernel's own count of the group's tasks, which takes the longer the more threads there are. */
static int count(void) {
  int size = ask(family, CGROUPSTATS_CMD_GET, CGROUPSTATS_CMD_ATTR_FD, &group_file, sizeof group_file);
  struct cgroupstats *counts = size > 0 ? found(size, CGROUPSTATS_TYPE_CGROUP_STATS) : NULL;
  if (!counts) return -1;
  /* One of those that run is the governor that asks. */
  return counts->nr_running > 1 ? BUSY_COMPUTES : counts->nr_uninterruptible > 0 || counts->nr_io_wait > 0 ? BUSY_DISK : BUSY_NOT;
}

/* What was started by vfork has no slot until the library is loaded into it. */
static int child_computes(int process, int thread, const char *path) {
  char list[64], text[4096];
  (void)path;
  snprintf(list, sizeof list, "/proc/%d/task/%d/children", process, thread);
  int file = open(list, O_RDONLY | O_CLOEXEC), size = file < 0 ? -1 : (int)read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (size <= 0) return 0;
  text[size] = 0;
  for (char *at = text, *after; *at; at = after) {
    int child = (int)strtol(at, &after, 10);
    if (after == at) break;
    if (threads(child, computes)) return 1;
  }
  return 0;
}

int busy_now(int again) {
  static int64_t last_used, last_own;
  if (channel >= 0) {
    /* What it took since the last look tells without a count. */
    int64_t used = raw_usage(), own = busy_own(), took = used - last_used - (own - last_own);
    last_used = used;
    last_own = own;
    if (used >= 0 && took > NOTICED) return BUSY_COMPUTES;
    if (machine_waits()) return BUSY_NOT;
    /* The second look counts. */
    if (used >= 0 && !again) return BUSY_NOT;
    return count();
  }
  uint32_t used = atomic_load(&page->used);
  for (uint32_t i = 0; i < used; i++) {
    struct rc_slot *slot = &page->slots[i];
    if (atomic_load(&slot->state) == RC_FREE || slot->kind != RC_PROCESS) continue;
    if (threads(slot->process, computes) || (again && threads(slot->process, child_computes))) return BUSY_COMPUTES;
  }
  return BUSY_NOT;
}

int busy_usage_open(const char *path) {
  if (!path) return 0;
  usage_file = open(path, O_RDONLY | O_CLOEXEC);
  return usage_file < 0 || busy_usage() < 0 ? -1 : 0;
}

int64_t busy_usage(void) {
  int64_t used = raw_usage();
  return used < 0 ? -1 : used - busy_own();
}

int64_t busy_scheduler(void) {
  int process = atomic_load(&page->scheduler);
  clockid_t clock;
  struct timespec time;
  if (!process || clock_getcpuclockid(process, &clock) || clock_gettime(clock, &time)) return -1;
  return rc_count(time);
}

int busy_processes(void) {
  uint32_t used = atomic_load(&page->used);
  int count = 0;
  for (uint32_t i = 0; i < used; i++) count += page->slots[i].kind == RC_PROCESS && atomic_load(&page->slots[i].state) != RC_FREE;
  return count;
}

static unsigned long long most_ticks;
static int most_process, most_thread;
static char most_name[32];

static int measure(int process, int thread, const char *path) {
  char state, name[32];
  unsigned long long ticks;
  if (!busy_stat(path, name, &state, NULL, &ticks, NULL)) return 0;
  int place = thread % MEASURED;
  if (measured[place].thread == thread && ticks - measured[place].ticks > most_ticks) {
    most_ticks = ticks - measured[place].ticks;
    most_process = process;
    most_thread = thread;
    memcpy(most_name, name, sizeof most_name);
  }
  measured[place].thread = thread;
  measured[place].ticks = ticks;
  return 0;
}

void busy_each(void (*call)(int process)) {
  DIR *all = opendir("/proc");
  struct dirent *entry;
  if (!all) return;
  while ((entry = readdir(all))) if (isdigit((unsigned char)entry->d_name[0])) call(atoi(entry->d_name));
  closedir(all);
}

/* Without a group, those that go by the clock are the twin. */
static void of_page(void (*call)(int process)) {
  uint32_t used = atomic_load(&page->used);
  for (uint32_t i = 0; i < used; i++) {
    struct rc_slot *slot = &page->slots[i];
    if (atomic_load(&slot->state) != RC_FREE && slot->kind == RC_PROCESS) call(slot->process);
  }
}

static void measure_all(int process) { if (process != getpid()) threads(process, measure); }

int busy_most(int *process, int *thread, char *name, int size) {
  static struct timespec last;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  double seconds = (double)(now.tv_sec - last.tv_sec) + (double)(now.tv_nsec - last.tv_nsec) * 1e-9;
  last = now;
  most_ticks = 0;
  if (channel >= 0) busy_each(measure_all);
  else of_page(measure_all);
  if ((double)most_ticks < seconds * (double)sysconf(_SC_CLK_TCK) / 2) return 0;
  *process = most_process;
  *thread = most_thread;
  snprintf(name, size, "%s", most_name);
  return 1;
}
