#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CLinuxProcess.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// From here to `guard`, everything runs in a copy of a process that had threads: system calls only, no locks, no malloc.
// The bare calls, and code that no sanitizer instruments, because the C library's names may be a sanitizer's, which
// waits for threads that the copy doesn't have.
#define BARE __attribute__((no_sanitize("address", "thread", "undefined"))) static

BARE long bare_open(const char *path, int flags) {
  return syscall(SYS_openat, AT_FDCWD, path, flags | O_RDONLY | O_CLOEXEC, 0);
}

BARE bool contains(const char *text, size_t count, const char *part, size_t length) {
  for (size_t start = 0; start + length <= count; start++) {
    size_t same = 0;
    while (same < length && text[start + same] == part[same]) same++;
    if (same == length) return true;
  }
  return false;
}

struct directory_entry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

// Whether the environment of the process holds the marker. Reads in overlapping pieces, since it may be megabytes.
BARE bool carries_marker(int pid, const char *marker, size_t length) {
  char path[32];
  char digits[12];
  int count = 0;
  for (int rest = pid; rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  size_t end = 0;
  for (const char *c = "/proc/"; *c; c++) path[end++] = *c;
  while (count > 0) path[end++] = digits[--count];
  for (const char *c = "/environ"; *c; c++) path[end++] = *c;
  path[end] = 0;
  int file = (int)bare_open(path, 0);
  if (file < 0) return false;
  char buffer[8192 + 128];
  size_t kept = 0;
  bool found = false;
  for (;;) {
    long got = syscall(SYS_read, file, buffer + kept, sizeof buffer - kept);
    if (got <= 0) break;
    size_t filled = kept + (size_t)got;
    if (contains(buffer, filled, marker, length)) {
      found = true;
      break;
    }
    kept = filled < length ? filled : length - 1;
    for (size_t i = 0; i < kept; i++) buffer[i] = buffer[filled - kept + i];
  }
  syscall(SYS_close, file);
  return found;
}

// Kills every process with the marker and returns how many there were.
BARE int kill_marked(const char *marker, size_t length) {
  int directory = (int)bare_open("/proc", O_DIRECTORY);
  if (directory < 0) return 0;
  int killed = 0;
  _Alignas(8) char buffer[16384];
  for (;;) {
    long got = syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (got <= 0) break;
    for (long position = 0; position < got;) {
      struct directory_entry *entry = (struct directory_entry *)(buffer + position);
      position += entry->length;
      int pid = 0;
      for (const char *c = entry->name; *c >= '0' && *c <= '9'; c++) pid = pid * 10 + (*c - '0');
      if (pid > 1 && carries_marker(pid, marker, length) && syscall(SYS_kill, pid, SIGKILL) == 0) killed++;
    }
  }
  syscall(SYS_close, directory);
  return killed;
}

BARE void guard(const char *marker, int32_t *groups, int capacity) {
  char byte;
  for (;;) {
    long got = syscall(SYS_read, 0, &byte, 1);
    if (got > 0) return;  // sent home
    if (got == 0) break;  // the other end died
    if (errno != EINTR) return;
  }
  size_t length = 0;
  while (marker[length]) length++;
  struct timespec moment = {0, 5000000};
  // What is being forked while we look shows up in the next round.
  for (int round = 0; round < 100; round++) {
    for (int i = 0; i < capacity; i++) {
      int32_t group = __atomic_load_n(&groups[i], __ATOMIC_RELAXED);
      if (group > 1 && round == 0) syscall(SYS_kill, -group, SIGKILL);
    }
    if (kill_marked(marker, length) == 0 && round > 0) break;
    syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &moment, NULL);
  }
}

BARE void live_as_guardian(int pipe, const char *marker, int32_t *groups, int capacity) {
  // Every signal stays blocked: only SIGKILL ends a guardian before its time.
  syscall(SYS_setsid);
  syscall(SYS_prctl, PR_SET_NAME, "jobdeck-guard", 0, 0, 0);
  if (pipe != 0) syscall(SYS_dup3, pipe, 0, 0);
  if (syscall(SYS_close_range, 1u, ~0u, 0u) < 0) {
    for (int fd = 1; fd < 65536; fd++) syscall(SYS_close, fd);
  }
  syscall(SYS_chdir, "/");
  guard(marker, groups, capacity);
  for (;;) syscall(SYS_exit_group, 0);
}

int jobdeck_guardian_start(const char *marker, int capacity, struct jobdeck_guardian *guardian) {
  char copy[128];
  if (strlen(marker) >= sizeof copy) return -EINVAL;
  strcpy(copy, marker);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  size_t bytes = sizeof(int32_t) * (size_t)capacity;
  int32_t *groups = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (groups == MAP_FAILED) {
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    return -error;
  }

  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // The bare system call: fork() would run the handlers of libraries, which may wait for locks of other threads.
  long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) live_as_guardian(ends[0], copy, groups, capacity);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(ends[0]);
  if (pid < 0) {
    close(ends[1]);
    munmap(groups, bytes);
    return -error;
  }
  guardian->pid = (int)pid;
  guardian->pipe = ends[1];
  guardian->groups = groups;
  guardian->capacity = capacity;
  return 0;
}

void jobdeck_guardian_set(struct jobdeck_guardian *guardian, int place, int32_t group) {
  if (place >= 0 && place < guardian->capacity) {
    __atomic_store_n(&guardian->groups[place], group, __ATOMIC_RELAXED);
  }
}

void jobdeck_guardian_stop(struct jobdeck_guardian *guardian) {
  // A dead guardian must not end us with SIGPIPE: block it, write, and take back what came of it.
  sigset_t pipe_signal, before;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  if (write(guardian->pipe, "q", 1) < 0 && errno == EPIPE) {
    struct timespec now = {0, 0};
    while (sigtimedwait(&pipe_signal, NULL, &now) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(guardian->pipe);
  int status;
  while (waitpid(guardian->pid, &status, 0) < 0 && errno == EINTR) {
  }
  munmap(guardian->groups, sizeof(int32_t) * (size_t)guardian->capacity);
}
