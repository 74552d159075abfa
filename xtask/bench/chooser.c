/* Measures the chooser as a person sees it: on a terminal of its own, from the
 * start to the first whole frame, from a key typed at once to the frame after
 * it, and the same for a key typed when the program has come to rest.
 *
 *   chooser ROUNDS PROGRAM [ARGUMENT...] > measures
 *
 * A measure is a line `FIRST AT-ONCE LATER`, nanoseconds. A program that draws
 * no frame ends everything. */
#define _GNU_SOURCE
#include <poll.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE = 60000, REST = 300 };

/* What ends the last line of a frame, and every frame. */
static const char LAST_LINE[] = "Esc leave";
static const char FRAME_END[] = "\033[?25h";

static void fail(const char *what) {
    fprintf(stderr, "chooser: %s\n", what);
    exit(1);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Reads until a whole frame was drawn; when. */
static long long frame(int terminal) {
    static char seen[1 << 20];
    size_t length = 0;
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    while (poll(&ready, 1, PATIENCE) == 1 && length < sizeof seen - 1) {
        ssize_t got = read(terminal, seen + length, sizeof seen - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        seen[length] = '\0';
        const char *last = strstr(seen, LAST_LINE);
        if (last != NULL && strstr(last, FRAME_END) != NULL)
            return now();
    }
    fail("no frame was drawn");
    return 0;
}

/* Waits until nothing is drawn any more. */
static void rest(int terminal) {
    char drawn[4096];
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    while (poll(&ready, 1, REST) == 1)
        if (read(terminal, drawn, sizeof drawn) <= 0)
            fail("it ended early");
}

static long long type(int terminal, const char *keys) {
    long long start = now();
    if (write(terminal, keys, strlen(keys)) < 0)
        fail("nothing can be typed");
    return start;
}

int main(int argc, char **argv) {
    if (argc < 3)
        fail("usage: chooser ROUNDS PROGRAM [ARGUMENT...]");
    for (long round = atol(argv[1]); round > 0; round--) {
        struct winsize size = {.ws_row = 24, .ws_col = 80};
        int terminal;
        long long start = now();
        pid_t pid = forkpty(&terminal, NULL, NULL, &size);
        if (pid < 0)
            fail("no terminal");
        if (pid == 0) {
            execv(argv[2], argv + 2);
            _exit(127);
        }
        long long first = frame(terminal) - start;
        start = type(terminal, "e");
        long long at_once = frame(terminal) - start;
        rest(terminal);
        start = type(terminal, "a");
        long long later = frame(terminal) - start;
        type(terminal, "\033");
        if (waitpid(pid, NULL, 0) != pid)
            fail("it was lost");
        close(terminal);
        printf("%lld %lld %lld\n", first, at_once, later);
        fflush(stdout);
    }
    return 0;
}
