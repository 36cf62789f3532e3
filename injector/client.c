#include "injector/client.h"

#include "core/err.h"
#include "core/errbuf.h"

void client_give_up(struct op *completion, enum op_type type, const char *error)
{
    completion->type = (uint8_t)(completion->f == F_READ ? OP_FAIL : type);
    completion->error = error ? error : "no memory to say why";
}

/* What is wrong with a completion, or NULL. */
static const char *find_violation(const struct op *invocation, const struct op *completion)
{
    if (completion->process != invocation->process)
        return "it changed the process";
    if (completion->f != invocation->f)
        return "it changed f";
    if (completion->has_key != invocation->has_key ||
        (invocation->has_key && !value_equal(completion->key, invocation->key)))
        return "it changed the key";
    if (completion->type != OP_OK && completion->type != OP_FAIL && completion->type != OP_INFO)
        return "its answer is neither ok nor fail nor info";
    if (completion->type != OP_OK && (!completion->error || !completion->error[0]))
        return "its answer is not ok, and it does not say why";
    return NULL;
}

/* What such a client says happened is worth nothing: nobody knows what happened. */
static int reject(const struct client *client, const struct op *invocation, struct op *completion,
                  const char *violation, struct arena *arena, struct errbuf *err)
{
    const char *error = arena_printf(arena, "the client broke its contract: %s", violation);
    *completion = *invocation;
    completion->type = OP_INFO;
    completion->error = error ? error : "the client broke its contract";
    return errbuf_set(err, ERR_INPUT,
                      "client %s broke its contract on %s by process %d: %s; this is a bug of the "
                      "client, not of the database",
                      client->type->name, symbol_name(invocation->f), invocation->process,
                      violation);
}

int client_invoke_checked(struct client *client, const struct op *invocation, struct op *completion,
                          bool *reopen, struct arena *arena, struct errbuf *err)
{
    *completion = *invocation;
    *reopen = false;
    client->type->invoke(client, invocation, completion, reopen, arena);
    const char *violation = find_violation(invocation, completion);
    if (violation)
        return reject(client, invocation, completion, violation, arena, err);
    completion->index = invocation->index;
    completion->time_ns = invocation->time_ns;
    return 0;
}
