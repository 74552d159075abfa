/* Measures what a person waits for who types a code: from the Enter key to the
 * end of the program, on a terminal of its own.
 *
 *   enter CODE PROGRAM [ARGUMENT...]
 *
 * It prints a line when all but the Enter key is typed, waits for one on stdin,
 * and prints nanoseconds at the end. Half a second lies between the question and the code,
 * as a person takes some time to type. */
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

enum { PATIENCE = 60000, TYPING = 500 };

static void fail(const char *what) {
    fprintf(stderr, "enter: %s\n", what);
    exit(1);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Reads what is said, until nothing was for so long. 0: it is over. */
static int hear(int terminal, int quiet) {
    char said[4096];
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    while (poll(&ready, 1, quiet) == 1)
        if (read(terminal, said, sizeof said) <= 0)
            return 0;
    return 1;
}

int main(int argc, char **argv) {
    if (argc < 3)
        fail("usage: enter CODE PROGRAM [ARGUMENT...]");
    int terminal, status;
    pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
    if (pid < 0)
        fail("no terminal");
    if (pid == 0) {
        execv(argv[2], argv + 2);
        _exit(127);
    }
    struct pollfd ready = {.fd = terminal, .events = POLLIN};
    if (poll(&ready, 1, PATIENCE) != 1)
        fail("nothing was asked");
    /* Longer than any round trip: whatever can be done before the code is. */
    if (!hear(terminal, TYPING))
        fail("it ended without a question");
    if (write(terminal, argv[1], strlen(argv[1])) < 0)
        fail("nothing can be typed");
    hear(terminal, 50);
    printf("typed\n");
    fflush(stdout);
    if (getchar() == EOF)
        fail("nobody waits");
    long long start = now();
    if (write(terminal, "\r", 1) != 1)
        fail("nothing can be typed");
    while (hear(terminal, PATIENCE))
        ;
    long long end = now();
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail("it did not end with 0");
    printf("%lld\n", end - start);
    return 0;
}
