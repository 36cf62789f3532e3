#include "cli/isolation_arguments.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"
#include "core/suggest.h"
#include "dependencies/version_inference.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

bool isolation_arguments_given(const struct isolation_arguments *arguments)
{
    return arguments->consistency || arguments->among || arguments->infer || arguments->cycles ||
           arguments->examples > 0 || arguments->strongest;
}

/* --- names --- */

enum { NAME_MAX_LENGTH = 64 };

/* Takes each of the names that are separated by commas. */
static int each_name(const char *list,
                     int (*take)(const char *name, void *into, struct errbuf *err), void *into,
                     struct errbuf *err)
{
    int rc = 0;
    while (rc == 0 && *list) {
        char name[NAME_MAX_LENGTH];
        size_t length = strcspn(list, ",");
        if (length >= sizeof name)
            return errbuf_set(err, ERR_INPUT, "'%.*s' is no name", (int)length, list);
        memcpy(name, list, length);
        name[length] = '\0';
        rc = take(name, into, err);
        list += length + (list[length] == ',');
    }
    return rc;
}

static int take_level(const char *name, void *into, struct errbuf *err)
{
    level_set *levels = into;
    enum level level;
    if (!level_find(name, &level)) {
        struct strbuf names = STRBUF_INIT;
        for (int i = 0; i < LEVEL_COUNT; i++)
            strbuf_printf(&names, "%s%s", i > 0 ? ", " : "", level_row((enum level)i)->name);
        const char *known = strbuf_ok(&names) ? names.text : "";
        errbuf_set(err, ERR_INPUT, "there is no level '%s'; %sthere are: %s", name,
                   suggest_one(name, known).text, known);
        strbuf_fini(&names);
        return ERR_INPUT;
    }
    *levels |= level_bit(level);
    return 0;
}

static int take_inference(const char *name, void *into, struct errbuf *err)
{
    static const struct {
        const char *name;
        unsigned value;
    } all[] = {
        {"wfr-keys", INFER_READ_BEFORE_WRITE},
        {"sequential-keys", INFER_SEQUENTIAL},
        {"linearizable-keys", INFER_LINEARIZABLE},
        {"transaction-order", INFER_TRANSACTIONS},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].name, name) == 0) {
            *(unsigned *)into |= all[i].value;
            return 0;
        }
    static const char known[] = "wfr-keys, sequential-keys, linearizable-keys, transaction-order";
    return errbuf_set(err, ERR_INPUT, "nothing is inferred by '%s'; %sthere are: %s", name,
                      suggest_one(name, known).text, known);
}

static int read_among(const char *among, struct isolation_options *out, struct errbuf *err)
{
    out->all = strcmp(among, "all") == 0;
    if (strcmp(among, "awdit") == 0)
        out->levels = LEVELS_OF_AWDIT;
    else if (!out->all)
        return each_name(among, take_level, &out->levels, err);
    return 0;
}

int isolation_arguments_read(const struct isolation_arguments *arguments,
                             struct isolation_options *out, struct errbuf *err)
{
    *out = (struct isolation_options){.strongest = arguments->strongest || arguments->among,
                                      .examples_max = (uint32_t)arguments->examples};
    int rc = 0;
    if (out->strongest && arguments->consistency)
        return errbuf_set(err, ERR_INPUT,
                          "--consistency asks whether levels hold, --strongest which do: not both");
    if (arguments->consistency)
        rc = each_name(arguments->consistency, take_level, &out->levels, err);
    if (rc == 0 && arguments->among)
        rc = read_among(arguments->among, out, err);
    if (rc == 0 && arguments->infer)
        rc = each_name(arguments->infer, take_inference, &out->inference, err);
    return rc;
}

/* --- files --- */

static int write_file(const char *directory, uint32_t number, const char *title, const char *suffix,
                      const char *text, struct errbuf *err)
{
    struct strbuf path = STRBUF_INIT;
    strbuf_printf(&path, "%s/%02u-", directory, number);
    for (const char *at = title; *at && *at != ','; at++)
        strbuf_putc(&path, isalnum((unsigned char)*at) ? *at : '-');
    strbuf_puts(&path, suffix);
    int rc = strbuf_ok(&path) ? 0 : errbuf_set(err, ERR_NOMEM, "no memory for a file's name");
    FILE *file = rc == 0 ? fopen(path.text, "w") : NULL;
    if (rc == 0 && !file)
        rc = errbuf_set_errno(err, ERR_IO, "%s", path.text);
    if (file) {
        bool written = fputs(text, file) >= 0;
        written = fclose(file) == 0 && written;
        if (!written)
            rc = errbuf_set_errno(err, ERR_IO, "%s", path.text);
    }
    strbuf_fini(&path);
    return rc;
}

int isolation_write_cycles(const char *directory, const struct check_result *result,
                           const struct isolation_result *found, struct errbuf *err)
{
    int rc = 0;
    uint32_t number = 0;
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return errbuf_set_errno(err, ERR_IO, "%s", directory);
    for (uint32_t i = 0; result->key_count > 0 && i < result->keys[0].picture_count; i++) {
        const struct check_picture *picture = &result->keys[0].pictures[i];
        number += picture->svg || found->dots[i];
        if (rc == 0 && picture->svg)
            rc = write_file(directory, number, picture->title, ".svg", picture->svg, err);
        if (rc == 0 && found->dots[i])
            rc = write_file(directory, number, picture->title, ".dot", found->dots[i], err);
    }
    return rc;
}
