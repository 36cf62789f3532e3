#include "injector/journal_controller.h"

#include "injector/process_id.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void read_boot(char *out, size_t size)
{
    out[0] = '\0';
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t length = read(fd, out, size - 1);
    close(fd);
    out[length > 0 ? length : 0] = '\0';
    out[strcspn(out, "\n")] = '\0';
}

int journal_controller_self(struct journal_controller *out, struct errbuf *err)
{
    *out = (struct journal_controller){.pid_namespace = process_namespace(getpid(), "pid")};
    read_boot(out->boot, sizeof out->boot);
    return process_id_of(getpid(), &out->process, err);
}

enum controller_state journal_controller_look(const struct journal_controller *controller)
{
    char boot[sizeof controller->boot];
    read_boot(boot, sizeof boot);
    if (strcmp(boot, controller->boot) != 0)
        return CONTROLLER_EARLIER_BOOT;
    if (controller->pid_namespace != process_namespace(getpid(), "pid"))
        return CONTROLLER_ELSEWHERE;
    return process_id_state(controller->process) == PROCESS_GONE ? CONTROLLER_DEAD
                                                                 : CONTROLLER_ALIVE;
}

void journal_mark(struct process_id controller, char out[JOURNAL_MARK_SIZE])
{
    snprintf(out, JOURNAL_MARK_SIZE, JOURNAL_MARK "=%d.%llu.", (int)controller.pid,
             (unsigned long long)controller.start_ticks);
}
