#include "checker/certificate_text.h"

#include "checker/user_model.h"
#include "core/strbuf.h"

#include <inttypes.h>
#include <string.h>

/* One line for one value, whatever is in it. */
static void put_on_one_line(struct strbuf *out, struct value value)
{
    size_t from = out->length;
    value_write_text(out, value);
    for (size_t i = from; i < out->length && strbuf_ok(out); i++)
        if ((unsigned char)out->text[i] < ' ')
            out->text[i] = ' ';
}

void certificate_put_value(struct strbuf *out, const struct value_pool *values, value_ref ref)
{
    put_on_one_line(out, value_pool_get(values, ref));
}

void certificate_put_key(struct strbuf *out, const struct operations *all, uint32_t key)
{
    strbuf_puts(out, all->keys[key].has_key ? "key " : "object");
    if (all->keys[key].has_key)
        certificate_put_value(out, all->values, all->keys[key].key);
}

static const char *yes_or_no(bool flag)
{
    return flag ? "yes" : "no";
}

static void put_rule(struct strbuf *out, const struct user_model *user,
                     const struct user_rule *rule)
{
    strbuf_printf(out, "rule %s ", symbol_name(rule->f));
    if (rule->any_argument)
        strbuf_puts(out, "_");
    else
        put_on_one_line(out, rule->argument);
    strbuf_puts(out, " -> ");
    if (rule->any_result)
        strbuf_puts(out, "_");
    else
        put_on_one_line(out, rule->result);
    for (uint32_t state = 0; state < user->state_count; state++)
        if (rule->from[state])
            strbuf_printf(out, " %s", user->states[state]);
    strbuf_printf(out, ": %s\n", rule->to == USER_SAME ? "same" : user->states[rule->to]);
}

static void put_user(struct strbuf *out, const struct user_model *user)
{
    strbuf_puts(out, "states");
    for (uint32_t state = 0; state < user->state_count; state++)
        strbuf_printf(out, " %s", user->states[state]);
    strbuf_printf(out, "\nbegins %s\n", user->states[user->initial]);
    for (uint32_t i = 0; i < user->rule_count; i++)
        put_rule(out, user, &user->rules[i]);
}

/* --- the digest --- */

static uint64_t mix(uint64_t digest, uint64_t part)
{
    digest = (digest ^ part) * UINT64_C(0x9e3779b97f4a7c15);
    return digest ^ digest >> 29;
}

static uint64_t mix_text(uint64_t digest, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        digest = mix(digest, (unsigned char)text[i]);
    return mix(digest, length);
}

static uint64_t mix_operation(uint64_t digest, const struct operations *all,
                              const struct operation *op)
{
    const char *f = symbol_name(op->f);
    digest = mix(digest, operations_index(all, op->invoke));
    digest = mix(digest,
                 op->complete == POSITION_NONE ? UINT64_MAX : operations_index(all, op->complete));
    digest = mix(digest, (uint64_t)op->process << 8 | op->outcome);
    digest = mix_text(digest, f, strlen(f));
    digest = mix(digest, value_hash(value_pool_get(all->values, op->argument)));
    return mix(digest, value_hash(value_pool_get(all->values, op->result)));
}

static uint64_t digest_of(const struct operations *all, const struct strbuf *terms,
                          struct operation *ops)
{
    uint64_t digest = mix_text(0, terms->text, terms->length);
    for (uint32_t key = 0; key < all->key_count; key++) {
        operations_of_key(all, key, ops);
        digest = mix(digest, all->keys[key].has_key);
        if (all->keys[key].has_key)
            digest = mix(digest, value_hash(value_pool_get(all->values, all->keys[key].key)));
        for (uint32_t i = 0; i < all->keys[key].count; i++)
            digest = mix_operation(digest, all, &ops[i]);
    }
    return digest;
}

void certificate_put_terms(struct strbuf *out, const struct operations *all, const char *model,
                           const struct history_semantics *semantics, struct operation *ops)
{
    strbuf_printf(out, "model %s\ninitial ", model);
    if (semantics->initial_is_given)
        certificate_put_value(out, all->values, semantics->initial);
    else
        strbuf_puts(out, "nil");
    strbuf_puts(out, semantics->initial_is_given && semantics->initial_may_be_nil ? " or nil" : "");
    strbuf_printf(out, "\nnil-reads-unknown %s\nfailed-cas-differs %s\npermits %u\n",
                  yes_or_no(semantics->nil_read_is_unknown),
                  yes_or_no(semantics->failed_cas_differs),
                  semantics->permits > 0 ? semantics->permits : 1);
    if (semantics->user)
        put_user(out, semantics->user);
    strbuf_printf(out, "events %" PRIu64 "\noperations %u\n", all->event_count,
                  all->operation_count);
    if (strbuf_ok(out))
        strbuf_printf(out, "digest %016" PRIx64 "\n", digest_of(all, out, ops));
}
