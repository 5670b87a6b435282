#define _GNU_SOURCE 1
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static int result_of(long value) { return value < 0 ? -errno : (int)value; }

// Event polling -------------------------------------------------------------------------------------------------------

int jobdeck_poller_create(void) { return result_of(epoll_create1(EPOLL_CLOEXEC)); }

int jobdeck_poller_add(int poller, int fd, uint64_t token) {
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
  return result_of(epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event));
}

int jobdeck_poller_wait(int poller, uint64_t *tokens, int capacity, int milliseconds) {
  struct epoll_event events[128];
  if (capacity > 128) capacity = 128;
  int count = epoll_wait(poller, events, capacity, milliseconds);
  if (count < 0) return errno == EINTR ? 0 : -errno;
  for (int i = 0; i < count; i++) tokens[i] = events[i].data.u64;
  return count;
}

int jobdeck_event_create(void) { return result_of(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void jobdeck_event_signal(int event) {
  uint64_t one = 1;
  while (write(event, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void jobdeck_event_clear(int event) {
  uint64_t count;
  while (read(event, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

bool jobdeck_event_wait(int event, int milliseconds) {
  struct pollfd entry = {.fd = event, .events = POLLIN};
  if (poll(&entry, 1, milliseconds) <= 0) return false;
  jobdeck_event_clear(event);
  return true;
}

void jobdeck_thread_prepare(const char *name) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  prctl(PR_SET_NAME, name, 0, 0, 0);
}

// Processes -----------------------------------------------------------------------------------------------------------

// A child's descriptors 0, 1 and 2 are made by dup2, which is no copy (and keeps close-on-exec) for a descriptor that
// has the number already: so none of ours may be below 3, even if this process was started with closed ones.
static int above_standard(int fd) {
  if (fd < 0 || fd > 2) return fd;
  int higher = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  int error = errno;
  close(fd);
  errno = error;
  return higher;
}

int jobdeck_pipe_create(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
  ends[0] = above_standard(ends[0]);
  ends[1] = above_standard(ends[1]);
  // Only our end: a child expects its stdout to block.
  if (ends[0] < 0 || ends[1] < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
    int error = errno;
    if (ends[0] >= 0) close(ends[0]);
    if (ends[1] >= 0) close(ends[1]);
    return -error;
  }
  return 0;
}

int jobdeck_null_open(void) { return result_of(above_standard(open("/dev/null", O_RDONLY | O_CLOEXEC))); }

void jobdeck_spawn_close_from(void *actions, int first) {
    // It can fail only for want of memory or a negative number; then descriptors stay open, as they did before.
    posix_spawn_file_actions_addclosefrom_np(actions, first);
}

int jobdeck_become_subreaper(void) { return result_of(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)); }

uint64_t jobdeck_raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return 0;
  uint64_t before = limit.rlim_cur;
  rlim_t wanted = limit.rlim_max > (1 << 20) ? (1 << 20) : limit.rlim_max;
  if (wanted > limit.rlim_cur) {
    limit.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  return before;
}

int jobdeck_pidfd_open(int pid) { return result_of(syscall(SYS_pidfd_open, pid, 0)); }

int jobdeck_pidfd_kill(int pidfd, int signal) {
  return result_of(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int jobdeck_reap(int pidfd, int *exit_code, int *signal) {
  siginfo_t info;
  info.si_pid = 0;
  int status;
  do {
    status = waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG);
  } while (status < 0 && errno == EINTR);
  if (status < 0) return -errno;
  if (info.si_pid == 0) return 0;
  if (info.si_code == CLD_EXITED) {
    *exit_code = info.si_status;
    *signal = 0;
  } else {
    *exit_code = 128 + info.si_status;
    *signal = info.si_status;
  }
  return 1;
}

enum { STACK_BYTES = 128 * 1024 };

void *jobdeck_spawn_stack_create(void) {
  void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return NULL;
  mprotect(stack, 4096, PROT_NONE);
  return stack;
}

void jobdeck_spawn_stack_destroy(void *stack) {
  if (stack) munmap(stack, STACK_BYTES);
}

struct child {
  const struct jobdeck_spawn_request *request;
  struct jobdeck_spawn_result *result;
  char **arguments;
  char **environment;
  char **candidates;
  int parent;
};

static int fail(struct child *child, enum jobdeck_spawn_stage stage, int error) {
  child->result->stage = stage;
  child->result->error = error;
  return 127;
}

// The C library's own name for clone: the thread sanitizer wraps the public one, takes it for fork, and its notes about
// the child then spoil the parent's, whose memory the child shares.
int plain_clone(int (*run)(void *), void *stack, int flags, void *argument, ...) __asm__("__clone");

// One a millisecond.
enum { BUSY_ATTEMPTS = 100 };

// Returns only if the program cannot be run. A program that was just written is "busy" while any process has a copy of
// the descriptor that wrote it, and one that another thread forks has one until it runs its own program: that passes.
__attribute__((no_sanitize("address", "thread", "undefined"))) static void run_program(const struct child *child,
                                                                                       const char *path) {
  const struct timespec pause = {0, 1000 * 1000};
  for (int attempt = 0; attempt < BUSY_ATTEMPTS; attempt++) {
    syscall(SYS_execve, path, child->arguments, child->environment);
    if (errno != ETXTBSY) return;
    syscall(SYS_nanosleep, &pause, NULL);
  }
  errno = ETXTBSY;
}

// Runs in the child, in the parent's memory, while the parent's thread waits (as after vfork): bare system calls only.
// Not instrumented by sanitizers, and past the calls that they wrap: what the child does to its descriptors, its signals
// and its stack must not get into their books about the parent.
__attribute__((no_sanitize("address", "thread", "undefined"))) static int run_child(void *argument) {
  struct child *child = argument;
  const struct jobdeck_spawn_request *request = child->request;

  // All signals are blocked here, so none reaches a handler of the parent's. Ignored ones would survive exec. The bare
  // system call, because sigaction() refuses the two that the C library keeps for itself; zeros mean SIG_DFL.
  const uint64_t standard[4] = {0, 0, 0, 0};
  for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, standard, NULL, (size_t)8);

  // A session of its own: no way to the dashboard's terminal, and a mark that children can't lose unnoticed.
  syscall(SYS_setsid);
  syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (syscall(SYS_getppid) != child->parent) return 127;

  syscall(SYS_dup3, request->input, 0, 0);
  syscall(SYS_dup3, request->output, 1, 0);
  syscall(SYS_dup3, request->error, 2, 0);
  syscall(SYS_close_range, 3u, ~0u, 0u);
  if (request->file_limit) {
    struct rlimit limit;
    if (syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit) == 0) {
      limit.rlim_cur = request->file_limit;
      syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &limit, NULL);
    }
  }
  if (request->directory && syscall(SYS_chdir, request->directory) < 0) return fail(child, JOBDECK_SPAWN_DIRECTORY, errno);

  const uint64_t none = 0;
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);

  // As execvpe does: the first that exists and may be executed; "permission denied" is told only if none other works.
  int error = ENOENT;
  for (char **candidate = child->candidates; *candidate; candidate++) {
    if (syscall(SYS_faccessat, AT_FDCWD, *candidate, X_OK) == 0) {
      run_program(child, *candidate);
    }
    if (errno == EACCES) {
      error = EACCES;
    } else if (errno != ENOENT && errno != ENOTDIR) {
      error = errno;
      break;
    }
  }
  return fail(child, JOBDECK_SPAWN_EXECUTE, error);
}

void jobdeck_spawn(const struct jobdeck_spawn_request *request, struct jobdeck_spawn_result *result) {
  result->pid = -1;
  result->pidfd = -1;
  result->stage = JOBDECK_SPAWN_STARTED;
  result->error = 0;

  int counts[3] = {request->argument_count, request->environment_count, request->candidate_count};
  char **table = malloc(sizeof(char *) * (size_t)(counts[0] + counts[1] + counts[2] + 3));
  if (!table) {
    result->stage = JOBDECK_SPAWN_FORK;
    result->error = ENOMEM;
    return;
  }
  char **lists[3];
  char **place = table;
  char *text = (char *)request->strings;
  for (int list = 0; list < 3; list++) {
    lists[list] = place;
    for (int i = 0; i < counts[list]; i++) {
      *place++ = text;
      text += strlen(text) + 1;
    }
    *place++ = NULL;
  }

  struct child child = {request, result, lists[0], lists[1], lists[2], getpid()};
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  // Shares memory and suspends this thread until exec, as vfork and posix_spawn do, and gives a pidfd without a race.
  int pid = plain_clone(run_child, (char *)request->stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                  &child, &pidfd);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  free(table);

  if (pid < 0) {
    result->stage = JOBDECK_SPAWN_FORK;
    result->error = error;
  } else if (result->stage != JOBDECK_SPAWN_STARTED) {
    int status;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    close(pidfd);
  } else {
    result->pid = pid;
    result->pidfd = pidfd;
  }
}

const void *jobdeck_last_newline(const void *bytes, size_t count) { return memrchr(bytes, '\n', count); }
