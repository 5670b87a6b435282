#define _GNU_SOURCE
#include "CLinuxSignals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int write_end = -1;

static void forward(int number)
{
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // The pipe is full only after thousands of signals that nobody has read: one more says nothing new.
    ssize_t ignored = write(write_end, &byte, 1);
    (void)ignored;
    errno = saved;
}

int jobdeck_signals_open(void)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    write_end = ends[1];

    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        struct sigaction action;
        if (sigaction(numbers[index], NULL, &action) != 0) continue;
        if (action.sa_handler == SIG_IGN && numbers[index] != SIGTERM) continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = forward;
        action.sa_flags = SA_RESTART;
        sigaction(numbers[index], &action, NULL);
        // Whoever started us may have blocked it, and left us its mask.
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, numbers[index]);
        pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    }
    return ends[0];
}

void jobdeck_signals_close(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        struct sigaction action;
        if (sigaction(numbers[index], NULL, &action) != 0 || action.sa_handler != forward) continue;
        action.sa_handler = SIG_DFL;
        sigaction(numbers[index], &action, NULL);
    }
}
