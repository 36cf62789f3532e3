/* Runs a command and says on standard error how long it took, how long processors were busy with it
 * (which others on the machine change less), and how much memory of its own it had at most: what it
 * mapped from files does not count.
 *
 *     measure COMMAND ARGUMENT...    ->    "SECONDS PROCESSOR-SECONDS BYTES" on the last line of
 *                                          standard error
 *
 * Its exit status is the command's. Memory is looked at every millisecond, so a short peak may be
 * missed. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Of all processes that have ended. */
static double processors_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/* Anonymous memory of a process, in bytes; 0 when it cannot be seen (any more). */
static long long own_bytes(pid_t pid)
{
    char path[64], line[256];
    long long kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *status = fopen(path, "r");
    if (!status)
        return 0;
    while (fgets(line, sizeof line, status))
        if (sscanf(line, "RssAnon: %lld kB", &kilobytes) == 1)
            break;
    fclose(status);
    return kilobytes * 1024;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: measure COMMAND ARGUMENT...\n");
        return 254;
    }
    double start = now_s();
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        perror(argv[1]);
        _exit(255);
    }
    long long most = 0;
    int status;
    for (pid_t done = 0; pid > 0 && done == 0;) {
        const struct timespec millisecond = {.tv_nsec = 1000000};
        long long bytes = own_bytes(pid);
        most = bytes > most ? bytes : most;
        done = waitpid(pid, &status, WNOHANG);
        if (done == 0)
            nanosleep(&millisecond, NULL);
    }
    if (pid < 0) {
        perror("measure");
        return 255;
    }
    fprintf(stderr, "%.3f %.3f %lld\n", now_s() - start, processors_s(), most);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}
