/* Processes that do not go by the clock. */
#include "busy.h"
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SEEN = 1 << 16 };

static unsigned long long seen[SEEN];
static int escaped;
static char escaped_name[64];
static unsigned long long young;

static int goes_by_clock(int process) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/maps", process);
  FILE *maps = fopen(path, "re");
  if (!maps) return 1;
  int result = 0, lines = 0;
  while (!result && fgets(line, sizeof line, maps)) { lines++; result = strstr(line, "regatta-clock") != NULL; }
  fclose(maps);
  return result || !lines;
}

static void look(int process) {
  char path[64], name[32], state;
  int parent;
  unsigned long long start;
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  if (!busy_stat(path, name, &state, &parent, NULL, &start) || state == 'Z' || start > young || seen[process % SEEN] == start + 1) return;
  int of_step = 0;
  for (int above = parent, depth = 0; above > 1 && depth < 16 && !of_step; depth++) {
    char its[32], other;
    snprintf(path, sizeof path, "/proc/%d/stat", above);
    if (!busy_stat(path, its, &other, &above, NULL, NULL)) return;
    of_step = !strncmp(its, "slurmstepd", 10);
  }
  seen[process % SEEN] = start + 1;
  if ((!of_step && strncmp(name, "slurm", 5)) || goes_by_clock(process)) return;
  escaped++;
  snprintf(escaped_name, sizeof escaped_name, "%s", name);
}

int busy_escaped(char *name, int size) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  long tick = sysconf(_SC_CLK_TCK);
  young = (unsigned long long)(now.tv_sec - 1) * tick;
  escaped = 0;
  busy_each(look);
  if (escaped) snprintf(name, size, "%s", escaped_name);
  return escaped;
}
