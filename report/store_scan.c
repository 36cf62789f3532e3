#include "report/store_scan.h"

#include "report/page.h"
#include "report/report_file.h"

#include "core/arena.h"
#include "core/err.h"
#include "core/errbuf.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct scan {
    struct arena *arena;
    struct store_scan *out;
    size_t capacity;
};

typedef int visit(struct scan *scan, const char *parent, const char *name, struct errbuf *err);

static bool is_folder(const char *parent, const char *name, char path[PATH_MAX])
{
    struct stat stat;
    int length = snprintf(path, PATH_MAX, "%s/%s", parent, name);
    return length > 0 && length < PATH_MAX && lstat(path, &stat) == 0 && S_ISDIR(stat.st_mode);
}

/* Every folder in parent but hidden ones. */
static int for_folders(struct scan *scan, const char *parent, visit *each, struct errbuf *err)
{
    DIR *dir = opendir(parent);
    if (!dir)
        return errbuf_set_errno(err, err_of_path(errno), "%s", parent);
    int rc = 0;
    char path[PATH_MAX];
    for (struct dirent *entry; rc == 0 && (entry = readdir(dir));)
        if (entry->d_name[0] != '.' && is_folder(parent, entry->d_name, path))
            rc = each(scan, parent, entry->d_name, err);
    closedir(dir);
    return rc;
}

static int grow(struct scan *scan, struct errbuf *err)
{
    size_t capacity = scan->capacity ? 2 * scan->capacity : 64;
    struct stored_run *more = arena_alloc(scan->arena, capacity * sizeof *more);
    if (!more)
        return errbuf_set(err, ERR_NOMEM, "no memory for %zu runs", scan->out->count);
    if (scan->out->count > 0)
        memcpy(more, scan->out->runs, scan->out->count * sizeof *more);
    scan->out->runs = more;
    scan->capacity = capacity;
    return 0;
}

/* The whole document goes with its arena; only the row of the table is kept. */
static void load(struct scan *scan, const char *path, struct stored_run *run)
{
    struct arena arena;
    struct results results;
    struct errbuf why = ERRBUF_INIT;
    arena_init(&arena, 0);
    run->is_unreadable = results_load(path, &arena, &results, &why) != 0;
    if (run->is_unreadable)
        results_init_unfinished(&results);
    run->outcome = results.outcome;
    run->sentence =
        arena_strdup(scan->arena, run->is_unreadable ? why.text : page_sentence(&results));
    run->duration_ns = results.duration_ns;
    run->operations = results.invoked;
    run->faults = results_count_faults(&results, NULL);
    arena_fini(&arena);
}

static int visit_run(struct scan *scan, const char *parent, const char *name, struct errbuf *err)
{
    char path[PATH_MAX];
    if (!is_folder(parent, name, path) || !results_is_run(path))
        return 0;
    if (scan->out->count == scan->capacity && grow(scan, err) != 0)
        return ERR_NOMEM;
    struct stored_run run = {.name = arena_strdup(scan->arena, strrchr(parent, '/') + 1),
                             .time = arena_strdup(scan->arena, name),
                             .has_report = report_file_exists(path, "report.html")};
    load(scan, path, &run);
    if (!run.name || !run.time || !run.sentence)
        return errbuf_set(err, ERR_NOMEM, "%s: no memory to read its results", path);
    scan->out->runs[scan->out->count++] = run;
    return 0;
}

static int visit_name(struct scan *scan, const char *parent, const char *name, struct errbuf *err)
{
    char path[PATH_MAX];
    int rc = is_folder(parent, name, path) ? for_folders(scan, path, visit_run, err) : 0;
    return rc == ERR_NOMEM ? rc : 0;
}

static int compare_runs(const void *a, const void *b)
{
    const struct stored_run *left = a, *right = b;
    int newer = strcmp(right->time, left->time);
    return newer != 0 ? newer : strcmp(left->name, right->name);
}

int store_scan(const char *root, struct arena *arena, struct store_scan *out, struct errbuf *err)
{
    *out = (struct store_scan){0};
    struct scan scan = {.arena = arena, .out = out};
    int rc = for_folders(&scan, root, visit_name, err);
    if (rc == 0 && out->count > 0)
        qsort(out->runs, out->count, sizeof *out->runs, compare_runs);
    return rc;
}
