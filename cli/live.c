#include "cli/live.h"

#include "core/clock.h"
#include "core/log.h"
#include "injector/run.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { REDRAW_MS = 200, PLAIN_EVERY_MS = 10000, RATE_SAMPLES = 6 };

struct live {
    struct run *run;
    pthread_t thread;
    _Atomic bool stop;
    bool terminal;
    bool drawn;                       /* the terminal's last line is ours */
    uint64_t completed[RATE_SAMPLES]; /* of the last second, one every REDRAW_MS */
    int64_t at_ns[RATE_SAMPLES];
    uint32_t samples;
};

static void clear_line(struct live *live)
{
    if (live->drawn)
        fputs("\r\033[K", stderr);
    live->drawn = false;
}

static void step_aside(void *context, int writing)
{
    struct live *live = context;
    if (writing)
        clear_line(live);
}

/* Operations a second over the last second or so. */
static double current_rate(struct live *live, uint64_t completed, int64_t now_ns)
{
    uint32_t slot = live->samples % RATE_SAMPLES;
    uint32_t oldest = live->samples < RATE_SAMPLES ? 0 : slot;
    uint64_t before = live->completed[oldest];
    int64_t since = live->at_ns[oldest];
    live->completed[slot] = completed;
    live->at_ns[slot] = now_ns;
    live->samples++;
    if (live->samples == 1 || now_ns <= since)
        return 0;
    return (double)(completed - before) * 1e9 / (double)(now_ns - since);
}

static void format_online(const struct run_status *status, char out[64])
{
    out[0] = '\0';
    if (status->violated)
        snprintf(out, 64, "VIOLATION at %.1fs  ", (double)status->violation_ns / 1e9);
    else if (status->online)
        snprintf(out, 64, "checked to %.1fs  ", (double)status->checked_ns / 1e9);
}

static int format_line(struct live *live, char *out, size_t size)
{
    struct run_status status;
    run_get_status(live->run, &status);
    uint64_t completed = status.ok + status.fail + status.info;
    double rate = current_rate(live, completed, status.elapsed_ns);
    if (strcmp(status.phase, "drive") != 0)
        return snprintf(out, size, "%5.1fs  %-8s %" PRIu64 " ops", (double)status.elapsed_ns / 1e9,
                        status.phase, completed);
    char online[64];
    format_online(&status, online);
    return snprintf(out, size,
                    "%5.1fs/%.0fs  %" PRIu64 " ops  %.0f/s  ok %" PRIu64 "  fail %" PRIu64
                    "  info %" PRIu64 "  %s%s%s",
                    (double)status.driving_ns / 1e9, (double)status.time_limit_ns / 1e9, completed,
                    rate, status.ok, status.fail, status.info, online, status.fault[0] ? "| " : "",
                    status.fault);
}

static size_t terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void draw(struct live *live, const char *line)
{
    if (!live->terminal) {
        fprintf(stderr, "%s\n", line);
        return;
    }
    size_t width = terminal_width() - 1;
    flockfile(stderr);
    clear_line(live);
    fprintf(stderr, "%.*s", (int)width, line);
    fflush(stderr);
    live->drawn = true;
    funlockfile(stderr);
}

static void *live_main(void *argument)
{
    struct live *live = argument;
    int64_t last_plain = monotonic_ns();
    while (!live->stop) {
        char line[320];
        bool complete = format_line(live, line, sizeof line) > 0;
        bool due = live->terminal || monotonic_ns() - last_plain >= PLAIN_EVERY_MS * NS_PER_MS;
        if (complete && due) {
            draw(live, line);
            last_plain = monotonic_ns();
        }
        sleep_ns(REDRAW_MS * NS_PER_MS);
    }
    return NULL;
}

struct live *live_start(struct run *run)
{
    struct live *live = calloc(1, sizeof *live);
    if (!live)
        return NULL;
    live->run = run;
    live->terminal = isatty(STDERR_FILENO) == 1;
    sigset_t all, old;
    sigfillset(&all); /* signals are for the main thread */
    pthread_sigmask(SIG_BLOCK, &all, &old);
    int rc = pthread_create(&live->thread, NULL, live_main, live);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0) {
        free(live);
        return NULL;
    }
    if (live->terminal)
        log_set_console_hook(step_aside, live);
    return live;
}

void live_stop(struct live *live)
{
    if (!live)
        return;
    live->stop = true;
    pthread_join(live->thread, NULL);
    log_set_console_hook(NULL, NULL);
    clear_line(live);
    fflush(stderr);
    free(live);
}
