#include "cli/command.h"

#include "checker/certificate.h"
#include "cli/arguments.h"
#include "core/arena.h"
#include "core/err.h"
#include "formats/reader.h"
#include "injector/model_file.h"

#include <stdio.h>
#include <string.h>

static const char synopsis[] = "verify [options] HISTORY CERTIFICATE";

enum { EXIT_REJECTED = 4 };

struct verify_arguments {
    const char *model;
    const char *format;
    const char *initial;
    uint64_t permits;
    int64_t time_limit_ns;
    uint64_t memory_limit_bytes;
    bool independent;
};

static int load(const struct verify_arguments *arguments, const char *file, struct arena *arena,
                struct operations *all, struct history_semantics *semantics, struct errbuf *err)
{
    struct reader_options how = {.independent = arguments->independent};
    int rc = reader_load(file, arguments->format, how, all, semantics, err);
    if (rc == 0 && arguments->initial)
        rc = reader_set_initial(semantics, arguments->initial, all->values, err);
    if (rc == 0 && arguments->model && model_file_is_meant(arguments->model))
        rc = model_file_load(arguments->model, arena, &semantics->user, err);
    semantics->permits = (uint32_t)arguments->permits;
    return rc;
}

static int print_proof(const char *file, enum verify_end end, const struct certificate_proof *proof,
                       const struct errbuf *why)
{
    if (end == VERIFY_REJECTED) {
        printf("REJECTED: %s\n", why->text);
        return EXIT_REJECTED;
    }
    if (end == VERIFY_OUT_OF_BUDGET) {
        printf("not verified: %s\n", why->text);
        return verdict_exit_status(VERDICT_UNKNOWN);
    }
    printf("accepted: %s is %s as %s (objects: %u valid, %u invalid, %u unknown, %u vacuous)\n",
           file, verdict_name(proof->verdict), proof->model, proof->valid, proof->invalid,
           proof->unknown, proof->vacuous);
    return verdict_exit_status(proof->verdict);
}

static int verify(const struct verify_arguments *arguments, const char *file,
                  const char *certificate)
{
    struct errbuf err = ERRBUF_INIT;
    struct operations all = {0};
    struct history_semantics semantics = {0};
    struct arena arena;
    struct certificate_proof proof;
    enum verify_end end;
    int status = 0;
    arena_init(&arena, 0);
    int rc = load(arguments, file, &arena, &all, &semantics, &err);
    if (rc == 0) {
        struct certificate_claim claim = {.path = certificate,
                                          .all = &all,
                                          .semantics = &semantics,
                                          .model = semantics.user ? "user" : arguments->model,
                                          .time_limit_ns = arguments->time_limit_ns,
                                          .memory_limit_bytes = arguments->memory_limit_bytes};
        rc = certificate_verify(&claim, &end, &proof, &err);
    }
    status = rc == 0 ? print_proof(file, end, &proof, &err) : cli_fail("verify", rc, &err);
    operations_fini(&all);
    arena_fini(&arena);
    return status;
}

int command_verify(int argc, char **argv)
{
    struct verify_arguments arguments = {0};
    const struct argument table[] = {
        {"model", ARGUMENT_TEXT, &arguments.model, "M",
         "the model it has to be about, or the file of the user's model"},
        {"format", ARGUMENT_TEXT, &arguments.format, "F",
         "of the history; found out if not given; see list formats"},
        {"initial", ARGUMENT_TEXT, &arguments.initial, "VALUE", "as the check was told"},
        {"independent", ARGUMENT_FLAG, &arguments.independent, NULL, "as the check was told"},
        {"permits", ARGUMENT_NUMBER, &arguments.permits, "N", "as the check was told"},
        {"time-limit", ARGUMENT_DURATION, &arguments.time_limit_ns, "S",
         "then it is not verified, which is no verdict"},
        {"memory-limit", ARGUMENT_BYTES, &arguments.memory_limit_bytes, "B",
         "of refuting again; then it is not verified"},
        {0},
    };
    struct errbuf err = ERRBUF_INIT;
    bool help;
    int operands = arguments_parse(table, argc, argv, &help, &err);
    if (help) {
        printf("usage: faultline %s\n\nVerifies by separate, simple code what check --certificate "
               "claims.\n\nExit status: 0 it proves valid, 1 invalid, 2 unknown or not verified in "
               "time, 3 vacuous,\n4 it is REJECTED, 254 it is no certificate, 255 the tool itself "
               "failed.\n\n",
               synopsis);
        arguments_print(table);
        return 0;
    }
    if (operands >= 0 && operands != 2)
        errbuf_set(&err, ERR_INPUT, "a history and a certificate are needed, %d were given",
                   operands);
    if (operands != 2)
        return cli_usage("verify", synopsis, &err);
    return verify(&arguments, argv[0], argv[1]);
}
