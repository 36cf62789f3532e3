/* Folders of malformed files, NAME.yaml, with the error of each expected in NAME.error. */
#ifndef TESTS_MALFORMED_SUPPORT_H
#define TESTS_MALFORMED_SUPPORT_H

#include "core/err.h"

#include <criterion/criterion.h>

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Calls `expect` with each file of a folder, from within the folder; how many there were. */
static inline size_t each_malformed(const char *folder, void (*expect)(const char *file))
{
    cr_assert_eq(chdir(folder), 0);
    DIR *dir = opendir(".");
    cr_assert(dir);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".yaml") != 0)
            continue;
        expect(entry->d_name);
        count++;
    }
    closedir(dir);
    return count;
}

/* An expected text that ends in "..." says how the error begins. */
static inline void expect_its_error(const char *file, int rc, const char *error)
{
    char path[512], expected[1024];
    snprintf(path, sizeof path, "%.*s.error", (int)(strlen(file) - strlen(".yaml")), file);
    FILE *text = fopen(path, "r");
    cr_assert(text, "%s is missing", path);
    expected[fread(expected, 1, sizeof expected - 1, text)] = '\0';
    fclose(text);
    expected[strcspn(expected, "\n")] = '\0';
    size_t length = strlen(expected);
    bool begins = length > 3 && strcmp(expected + length - 3, "...") == 0;
    cr_expect_eq(rc, ERR_INPUT, "%s: accepted, or another kind of error: %d %s", file, rc, error);
    cr_expect(begins ? strncmp(error, expected, length - 3) == 0 : strcmp(error, expected) == 0,
              "%s:\nexpected %s\n     got %s", file, expected, error);
}

#endif
