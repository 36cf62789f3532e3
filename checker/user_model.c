#include "checker/user_model.h"

#include "core/err.h"
#include "core/errbuf.h"
#include "core/strbuf.h"

bool user_rule_asks(const struct user_rule *rule, const struct value_pool *pool,
                    const struct operation *op)
{
    return rule->f == symbol_canonical(op->f) &&
           (rule->any_argument || value_equal(rule->argument, value_pool_get(pool, op->argument)));
}

bool user_rule_fits(const struct user_rule *rule, const struct value_pool *pool,
                    const struct operation *op)
{
    return user_rule_asks(rule, pool, op) &&
           (op->outcome != OP_OK || rule->any_result ||
            value_equal(rule->result, value_pool_get(pool, op->result)));
}

/* A rule as messages name it: 'lock', or 'put 3'. */
static void write_rule(struct strbuf *text, const struct user_rule *rule)
{
    strbuf_printf(text, "'%s", symbol_name(rule->f));
    if (!rule->any_argument) {
        strbuf_putc(text, ' ');
        value_write_text(text, rule->argument);
    }
    strbuf_putc(text, '\'');
}

static bool is_repeated(const struct user_model *model, uint32_t number)
{
    const struct user_rule *rule = &model->rules[number];
    for (uint32_t i = 0; i < number; i++) {
        const struct user_rule *other = &model->rules[i];
        if (other->f == rule->f && other->any_argument == rule->any_argument &&
            (rule->any_argument || value_equal(other->argument, rule->argument)))
            return true;
    }
    return false;
}

static int refuse(const struct user_model *model, const struct value_pool *pool,
                  const struct operation *op, bool with_argument, struct errbuf *err)
{
    struct strbuf asked = STRBUF_INIT, known = STRBUF_INIT;
    strbuf_puts(&asked, symbol_name(op->f));
    if (with_argument) {
        strbuf_putc(&asked, ' ');
        value_write_text(&asked, value_pool_get(pool, op->argument));
    }
    for (uint32_t i = 0; i < model->rule_count; i++) {
        if (is_repeated(model, i))
            continue;
        strbuf_puts(&known, known.length ? ", " : "");
        write_rule(&known, &model->rules[i]);
    }
    int rc = strbuf_ok(&asked) && strbuf_ok(&known) ? ERR_INPUT : ERR_NOMEM;
    errbuf_set(err, rc, "the model '%.100s' has no operation '%.200s'; it has %s", model->name,
               rc == ERR_INPUT ? asked.text : "", rc == ERR_INPUT ? known.text : "");
    strbuf_fini(&asked);
    strbuf_fini(&known);
    return rc;
}

int user_model_accepts(const struct user_model *model, const struct value_pool *pool,
                       const struct operation *op, struct errbuf *err)
{
    bool knows_name = false;
    for (uint32_t i = 0; i < model->rule_count; i++) {
        if (user_rule_asks(&model->rules[i], pool, op))
            return 0;
        knows_name = knows_name || model->rules[i].f == symbol_canonical(op->f);
    }
    if (knows_name && op->outcome == OP_FAIL)
        return 0;
    return refuse(model, pool, op, knows_name, err);
}
