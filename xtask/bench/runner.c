/* Runs commands in turns and measures each run: wall time from the spawn to the
 * end, and the peak memory of the process. In C, because it must add nothing of
 * its own: a small process spawns fast, and its memory is the least that the
 * kernel counts for its children.
 *
 *   runner WARM-UP ROUNDS < commands > measures
 *
 * Commands are lines: `every N` (run only in each N-th round), `env NAME=VALUE`,
 * `arg WORD`, and `end` after each command. A measure is a line
 * `COMMAND NANOSECONDS KIB FAULTS`, the commands counted from 0. A command that does
 * not end with 0 ends everything. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_COMMANDS = 32, MOST_WORDS = 64 };

struct command {
    long every;
    char *args[MOST_WORDS + 1];
    char *env[MOST_WORDS + 1];
};

struct measure {
    int command;
    long long ns;
    long kib;
    long faults;
};

static void fail(const char *what, const char *which) {
    fprintf(stderr, "runner: %s %s\n", what, which);
    exit(1);
}

static char *after(char *line, const char *key) {
    size_t length = strlen(key);
    return strncmp(line, key, length) == 0 ? line + length : NULL;
}

static void add(char **list, const char *word) {
    int at = 0;
    while (list[at] != NULL)
        at++;
    if (at == MOST_WORDS)
        fail("too many words at", word);
    list[at] = strdup(word);
    if (list[at] == NULL)
        fail("no memory for", word);
}

static int read_commands(struct command *commands) {
    static char line[1 << 16];
    int count = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (count == MOST_COMMANDS)
            fail("too many commands at", line);
        struct command *command = &commands[count];
        line[strcspn(line, "\n")] = '\0';
        char *rest;
        if ((rest = after(line, "every ")) != NULL)
            command->every = atol(rest);
        else if ((rest = after(line, "env ")) != NULL)
            add(command->env, rest);
        else if ((rest = after(line, "arg ")) != NULL)
            add(command->args, rest);
        else if (strcmp(line, "end") == 0 && command->args[0] != NULL && command->every > 0)
            count++;
        else
            fail("cannot read", line);
    }
    return count;
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static struct measure run(int index, struct command *command, posix_spawn_file_actions_t *quiet) {
    pid_t pid;
    int status;
    struct rusage usage;
    long long start = now();
    if (posix_spawn(&pid, command->args[0], quiet, NULL, command->args, command->env) != 0)
        fail("cannot start", command->args[0]);
    if (wait4(pid, &status, 0, &usage) != pid)
        fail("lost", command->args[0]);
    long long end = now();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail("did not end with 0:", command->args[0]);
    return (struct measure){index, end - start, usage.ru_maxrss, usage.ru_minflt};
}

/* Shuffles the turns: what ran before leaves the caches as it wants them, so
 * nobody may always run after the same neighbour. */
static void shuffle(int *turns, int count) {
    /* Marsaglia's xorshift; the same turns in every run of the benchmark. */
    static unsigned state = 2463534242u;
    for (int left = count; left > 1; left--) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        int pick = (int)(state % (unsigned)left);
        int last = turns[left - 1];
        turns[left - 1] = turns[pick];
        turns[pick] = last;
    }
}

int main(int argc, char **argv) {
    static struct command commands[MOST_COMMANDS];
    if (argc != 3)
        fail("usage: runner WARM-UP ROUNDS,", "commands on stdin");
    long warm_up = atol(argv[1]), rounds = atol(argv[2]);
    int count = read_commands(commands);
    if (count == 0 || warm_up < 0 || rounds < 1)
        fail("nothing", "to run");

    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", O_WRONLY, 0);

    struct measure *measures = calloc((size_t)rounds * (size_t)count, sizeof *measures);
    if (measures == NULL)
        fail("no memory for", "the measures");
    size_t measured = 0;
    int turns[MOST_COMMANDS];
    for (int index = 0; index < count; index++)
        turns[index] = index;
    for (long round = -warm_up; round < rounds; round++) {
        shuffle(turns, count);
        for (int turn = 0; turn < count; turn++) {
            int index = turns[turn];
            /* The slow ones warm up once. */
            if (round < 0 ? commands[index].every > 1 && round != -warm_up
                          : round % commands[index].every != 0)
                continue;
            struct measure measure = run(index, &commands[index], &quiet);
            if (round >= 0)
                measures[measured++] = measure;
        }
    }
    for (size_t at = 0; at < measured; at++)
        printf("%d %lld %ld %ld\n", measures[at].command, measures[at].ns, measures[at].kib,
               measures[at].faults);
    return 0;
}
