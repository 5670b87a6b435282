// What the executor needs of Linux and Swift's Glibc overlay does not show: epoll, eventfd, pidfd, a spawn without
// fork's cost, and a guardian process. All functions return a result >= 0, or an error as -errno.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Event polling -------------------------------------------------------------------------------------------------------

/// A new epoll instance.
int jobdeck_poller_create(void);
/// Reports `token` for as long as `fd` is readable or hung up (level-triggered).
int jobdeck_poller_add(int poller, int fd, uint64_t token);
/// Waits up to `milliseconds` (-1: for ever) and returns how many tokens it stored; 0 when a signal came first.
int jobdeck_poller_wait(int poller, uint64_t *tokens, int capacity, int milliseconds);

/// A new eventfd that reads do not block on.
int jobdeck_event_create(void);
/// Makes the eventfd readable.
void jobdeck_event_signal(int event);
/// Makes the eventfd unreadable again.
void jobdeck_event_clear(int event);
/// Sleeps until the eventfd is readable, then clears it; false when `milliseconds` (-1: none) passed first.
bool jobdeck_event_wait(int event, int milliseconds);

/// Names the calling thread for ps and debuggers (15 bytes count) and blocks all signals in it.
void jobdeck_thread_prepare(const char *name);

// Processes -----------------------------------------------------------------------------------------------------------

/// A pipe: `ends[0]` to read from without blocking, `ends[1]` to give to a child. Both are close-on-exec and >= 3.
int jobdeck_pipe_create(int ends[2]);
/// /dev/null for reading, close-on-exec and >= 3.
int jobdeck_null_open(void);
/// Has `posix_spawn` close every descriptor from `first` on in the child. `actions` is a posix_spawn_file_actions_t.
void jobdeck_spawn_close_from(void *actions, int first);
/// Orphaned descendants become children of this process instead of init's.
int jobdeck_become_subreaper(void);
/// Raises the soft limit of open files to the hard one, and returns the soft one that was.
uint64_t jobdeck_raise_file_limit(void);
int jobdeck_pidfd_open(int pid);
int jobdeck_pidfd_kill(int pidfd, int signal);
/// 1 and how the process ended when it has and was reaped, 0 while it runs.
int jobdeck_reap(int pidfd, int *exit_code, int *signal);

enum jobdeck_spawn_stage {
  JOBDECK_SPAWN_STARTED = 0,
  /// No process could be made.
  JOBDECK_SPAWN_FORK = 1,
  /// The working directory could not be entered.
  JOBDECK_SPAWN_DIRECTORY = 2,
  /// No candidate could be executed.
  JOBDECK_SPAWN_EXECUTE = 3,
};

struct jobdeck_spawn_request {
  /// `argument_count` arguments, `environment_count` variables and `candidate_count` paths of the program to be tried
  /// in order, each ended by NUL.
  const char *strings;
  int argument_count;
  int environment_count;
  int candidate_count;
  /// NULL for this process' own.
  const char *directory;
  /// Descriptors >= 3 that become 0, 1 and 2.
  int input;
  int output;
  int error;
  /// Soft limit of open files of the child; 0 leaves it alone.
  uint64_t file_limit;
  /// From `jobdeck_spawn_stack_create`.
  void *stack;
};

struct jobdeck_spawn_result {
  int pid;
  int pidfd;
  enum jobdeck_spawn_stage stage;
  /// errno where `stage` is a failure.
  int error;
};

/// A stack for children between clone and exec; one spawn at a time may use it.
void *jobdeck_spawn_stack_create(void);
void jobdeck_spawn_stack_destroy(void *stack);
/// Starts a program in a session and process group of its own, without a terminal, with default signal dispositions
/// and no signal blocked, and without any other descriptor of this process. It is killed when the calling thread ends.
void jobdeck_spawn(const struct jobdeck_spawn_request *request, struct jobdeck_spawn_result *result);

// Text ----------------------------------------------------------------------------------------------------------------

/// Where the last newline is; NULL without one.
const void *jobdeck_last_newline(const void *bytes, size_t count);

// Guardian ------------------------------------------------------------------------------------------------------------

/// A process that outlives this one for a moment, to kill what this one started.
struct jobdeck_guardian {
  int pid;
  int pipe;
  /// Process groups in memory shared with the guardian; 0 for none.
  int32_t *groups;
  int capacity;
};

/// Forks the guardian. When this process ends without `jobdeck_guardian_stop`, it kills every group in the table and
/// every process whose environment holds `marker`, then ends. `marker` is a random text of at most 127 bytes.
int jobdeck_guardian_start(const char *marker, int capacity, struct jobdeck_guardian *guardian);
/// Enters a process group (0: none) at a place of the table.
void jobdeck_guardian_set(struct jobdeck_guardian *guardian, int place, int32_t group);
/// Sends the guardian home and reaps it.
void jobdeck_guardian_stop(struct jobdeck_guardian *guardian);
