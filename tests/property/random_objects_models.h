/* What random clients ask of an object of each model, what it answers, and what a lie is. Part of
 * random_objects.h. */
#ifndef TESTS_RANDOM_OBJECTS_MODELS_H
#define TESTS_RANDOM_OBJECTS_MODELS_H

#include "property/random_objects_types.h"

/* --- what clients ask for --- */

static inline value_ref random_value(struct random_objects *all)
{
    if (all->options.distinct)
        return value_ref_int(all->next_value++);
    return value_ref_int((int32_t)random_pick(all, all->options.values));
}

static inline bool random_adds(struct random_objects *all)
{
    return random_chance(all, all->options.add_percent ? all->options.add_percent : 50);
}

static inline struct value random_part(struct random_objects *all, struct value *items)
{
    bool writes = random_pick(all, 2);
    uint32_t style = random_pick(all, 4);
    const char *f = writes ? (style & 1 ? "w" : "write") : (style & 1 ? "r" : "read");
    items[0] = value_text(style & 2 ? VALUE_KEYWORD : VALUE_STRING, f, strlen(f));
    items[1] = value_text(VALUE_KEYWORD, random_pick(all, 2) ? "x" : "y", 1);
    items[2] = writes ? value_int(random_pick(all, all->options.values)) : value_nil();
    return value_items(VALUE_LIST, items, 3);
}

static inline void random_ask_multi_register(struct random_objects *all, struct operation *op)
{
    struct value parts[3], items[3][3];
    uint32_t style = random_pick(all, 8);
    if (style < 2) {
        bool writes = style == 0;
        op->f = writes ? F_WRITE : F_READ;
        op->argument = value_pool_intern_pair(all->pool, all->names[random_pick(all, 2)],
                                              writes ? random_value(all) : VALUE_REF_NIL);
        return;
    }
    uint32_t count = 1 + random_pick(all, 3);
    for (uint32_t i = 0; i < count; i++)
        parts[i] = random_part(all, items[i]);
    op->f = F_TXN;
    op->argument = value_pool_intern(all->pool, value_items(VALUE_LIST, parts, count));
}

static inline void random_ask_kv(struct random_objects *all, struct operation *op)
{
    static const char *const texts[] = {"a", "b", "c", "ab", ""};
    uint32_t kind = random_pick(all, 10);
    op->f = kind < 4 ? F_GET : kind < 9 ? F_APPEND : F_PUT;
    if (op->f != F_GET)
        op->argument = value_pool_intern(
            all->pool, value_string(texts[random_pick(all, 1 + all->options.values % 5)]));
}

static inline void random_ask_mutex(struct random_objects *all, struct operation *op)
{
    bool alias = all->aliases && random_pick(all, 2);
    bool held = all->state.owner != VALUE_REF_NIL || all->state.count > 0;
    bool acquires = random_chance(all, held ? 40 : 85);
    op->f = acquires ? (alias ? F_LOCK : F_ACQUIRE) : (alias ? F_UNLOCK : F_RELEASE);
    if (all->kind == RANDOM_SEMAPHORE)
        op->argument =
            random_pick(all, 2) ? VALUE_REF_NIL : value_ref_int(1 + (int32_t)random_pick(all, 2));
    else if (all->owners_given && all->kind != RANDOM_MUTEX)
        op->argument = value_ref_int((int32_t)random_pick(all, all->options.values));
}

static inline void random_ask_container(struct random_objects *all, struct operation *op)
{
    static const symbol adding[] = {F_ENQUEUE, F_ENQ, F_INSERT, F_OFFER};
    static const symbol taking[] = {F_DEQUEUE, F_DEQ, F_POLL, F_DEQUEUE};
    uint32_t alias = all->aliases ? random_pick(all, 4) : 0;
    bool adds = random_adds(all), stack = all->kind == RANDOM_STACK;
    op->f = adds ? (stack ? F_PUSH : adding[alias]) : (stack ? F_POP : taking[alias]);
    if (adds)
        op->argument = random_value(all);
}

static inline void random_ask_counter(struct random_objects *all, struct operation *op)
{
    static const symbol kinds[] = {F_READ, F_ADD, F_INCREMENT, F_DECREMENT, F_INC, F_DEC};
    bool adds = random_adds(all);
    op->f = adds ? kinds[1 + random_pick(all, all->aliases ? 5 : 2)] : F_READ;
    if (op->f == F_ADD || (adds && random_pick(all, 3) == 0))
        op->argument = value_ref_int((int32_t)random_pick(all, all->options.values));
    if (op->f == F_ADD && all->options.distinct)
        op->argument = value_ref_int(1);
}

static inline void random_ask_register(struct random_objects *all, struct operation *op)
{
    uint32_t kind = random_pick(all, all->kind == RANDOM_REGISTER ? 2 : 3);
    op->f = kind == 0 ? F_READ : kind == 1 ? F_WRITE : F_CAS;
    if (kind == 1)
        op->argument = random_value(all);
    if (kind != 2)
        return;
    uint32_t known = all->options.distinct ? (uint32_t)all->next_value : all->options.values;
    value_ref expected = value_ref_int((int32_t)random_pick(all, known));
    if (random_pick(all, 2)) /* what is there now, so that more of them succeed */
        expected = all->state.registers[0];
    op->argument = value_pool_intern_pair(all->pool, expected, random_value(all));
}

static inline void random_ask_set(struct random_objects *all, struct operation *op)
{
    bool adds = random_adds(all);
    op->f = adds ? F_ADD : all->kind == RANDOM_GROW_ONLY_SET ? F_READ : F_CONTAINS;
    if (all->kind == RANDOM_LINEAR_SET && !adds && random_pick(all, 2))
        op->f = F_REMOVE;
    if (op->f != F_READ)
        op->argument = value_ref_int((int32_t)random_pick(all, all->options.values));
}

/* A table of rules, some of them for the same operation. */
static inline void random_make_user(struct random_objects *all)
{
    static const symbol functions[] = {F_READ, F_WRITE, F_ADD, F_REMOVE};
    static const char *const states[RANDOM_OBJECT_STATES_MAX] = {"a", "b", "c", "d"};
    struct user_model *user = &all->user;
    *user = (struct user_model){.name = "any",
                                .doc = "",
                                .states = states,
                                .state_count = 2 + random_pick(all, RANDOM_OBJECT_STATES_MAX - 1),
                                .rules = all->rules,
                                .rule_count = 4 + random_pick(all, RANDOM_OBJECT_RULES_MAX - 3)};
    user->initial = random_pick(all, user->state_count);
    for (uint32_t i = 0; i < user->rule_count; i++) {
        struct user_rule *rule = &all->rules[i];
        bool changes = random_pick(all, 3) > 0;
        rule->f = functions[random_pick(all, 4)];
        rule->any_argument = random_pick(all, 5) == 0;
        rule->any_result = random_pick(all, 6) == 0;
        rule->argument = value_int(random_pick(all, 2));
        rule->result = value_int(random_pick(all, 3));
        rule->from = all->from[i];
        rule->to = changes ? random_pick(all, user->state_count) : USER_SAME;
        for (uint32_t state = 0; state < user->state_count; state++)
            all->from[i][state] = random_pick(all, 3) == 0;
    }
    all->semantics.user = user;
    all->state.count = (int32_t)user->initial;
}

static inline void random_ask_user(struct random_objects *all, struct operation *op)
{
    const struct user_rule *rule = &all->rules[random_pick(all, all->user.rule_count)];
    op->f = rule->f;
    op->argument =
        value_ref_int((int32_t)(rule->any_argument ? random_pick(all, 3) : rule->argument.integer));
}

static inline void random_ask(struct random_objects *all, struct operation *op)
{
    switch (all->kind) {
    case RANDOM_REGISTER:
    case RANDOM_CAS_REGISTER:
        random_ask_register(all, op);
        break;
    case RANDOM_MULTI_REGISTER:
        random_ask_multi_register(all, op);
        break;
    case RANDOM_KV:
        random_ask_kv(all, op);
        break;
    case RANDOM_LINEAR_SET:
    case RANDOM_GROW_ONLY_SET:
        random_ask_set(all, op);
        break;
    case RANDOM_LINEAR_COUNTER:
        random_ask_counter(all, op);
        break;
    case RANDOM_USER:
        random_ask_user(all, op);
        break;
    default:
        if (random_is_mutex(all->kind))
            random_ask_mutex(all, op);
        else
            random_ask_container(all, op);
    }
}

/* --- what the object does: the answer, or false if it refuses --- */

static inline bool random_do_register(struct random_objects *all, const struct operation *op,
                                      value_ref *answer)
{
    value_ref *held = &all->state.registers[0], expected, next;
    *answer = op->f == F_READ ? *held : random_pick(all, 2) ? op->argument : VALUE_REF_NIL;
    if (op->f == F_WRITE)
        *held = op->argument;
    if (op->f != F_CAS)
        return true;
    value_pool_pair(all->pool, op->argument, &expected, &next);
    if (*held != expected)
        return false;
    *held = next;
    return true;
}

static inline bool random_do_multi_register(struct random_objects *all, const struct operation *op,
                                            value_ref *answer)
{
    struct value parts[3], items[3][3], list = value_pool_get(all->pool, op->argument);
    value_ref name, value;
    if (op->f != F_TXN) {
        value_pool_pair(all->pool, op->argument, &name, &value);
        value_ref *held = &all->state.registers[name == all->names[1]];
        if (op->f == F_WRITE)
            *held = value;
        *answer = value_pool_intern_pair(all->pool, name, *held);
        return true;
    }
    for (uint32_t i = 0; i < list.count; i++) {
        memcpy(items[i], list.items[i].items, sizeof items[i]);
        parts[i] = value_items(VALUE_LIST, items[i], 3);
        value_ref *held = &all->state.registers[items[i][1].text[0] == 'y'];
        if (items[i][0].text[0] == 'w')
            *held = value_pool_intern(all->pool, items[i][2]);
        items[i][2] = value_pool_get(all->pool, *held);
    }
    *answer = value_pool_intern(all->pool, value_items(VALUE_LIST, parts, list.count));
    return true;
}

static inline bool random_do_kv(struct random_objects *all, const struct operation *op,
                                value_ref *answer)
{
    *answer = random_pick(all, 2) ? op->argument : VALUE_REF_NIL;
    if (op->f == F_GET) {
        bool nil = all->state.text == all->no_text && random_pick(all, 4) == 0;
        *answer = nil ? VALUE_REF_NIL : all->state.text;
    } else if (op->f == F_PUT) {
        all->state.text = op->argument;
    } else {
        char text[RANDOM_OBJECT_OPS_MAX * 2 + 1];
        struct value a = value_pool_get(all->pool, all->state.text);
        struct value b = value_pool_get(all->pool, op->argument);
        memcpy(text, a.text, a.count);
        memcpy(text + a.count, b.text, b.count);
        text[a.count + b.count] = '\0';
        all->state.text =
            value_pool_intern(all->pool, value_text(VALUE_STRING, text, a.count + b.count));
    }
    return true;
}

static inline bool random_do_mutex(struct random_objects *all, const struct operation *op,
                                   value_ref *answer)
{
    struct random_state *state = &all->state;
    bool acquires = symbol_canonical(op->f) == F_ACQUIRE, free = state->owner == VALUE_REF_NIL;
    *answer = random_pick(all, 2) ? op->argument : VALUE_REF_NIL;
    if (all->kind == RANDOM_SEMAPHORE) {
        int32_t amount = op->argument == VALUE_REF_NIL ? 1 : value_ref_as_int(op->argument);
        int32_t permits = all->semantics.permits ? (int32_t)all->semantics.permits : 1;
        int32_t after = state->count + (acquires ? amount : -amount);
        if (after >= 0 && after <= permits)
            state->count = after;
        return state->count == after;
    }
    value_ref owner = op->argument != VALUE_REF_NIL ? op->argument : value_ref_int(op->process);
    if (all->kind == RANDOM_MUTEX)
        owner = VALUE_REF_TRUE;
    bool again = all->kind == RANDOM_REENTRANT_MUTEX && state->owner == owner;
    if (acquires ? !free && !again : state->owner != owner)
        return false;
    state->count += acquires ? 1 : -1;
    state->owner = state->count > 0 ? owner : VALUE_REF_NIL;
    return true;
}

static inline bool random_do_set(struct random_objects *all, const struct operation *op,
                                 value_ref *answer)
{
    uint32_t element = op->f == F_READ ? 0 : (uint32_t)value_ref_as_int(op->argument);
    uint32_t *members = &all->state.members, bit = UINT32_C(1) << element;
    bool there = *members & bit;
    if (op->f == F_READ)
        *answer = all->subsets[*members];
    else if (op->f == F_CONTAINS)
        *answer = all->answers_given ? all->flags[element][there] : VALUE_REF_FALSE + there;
    else if (all->kind == RANDOM_LINEAR_SET && all->answers_given)
        *answer = VALUE_REF_FALSE + (there != (op->f == F_ADD));
    else
        *answer = random_pick(all, 2) ? op->argument : VALUE_REF_NIL;
    if (op->f == F_ADD)
        *members |= bit;
    else if (op->f == F_REMOVE)
        *members &= ~bit;
    return true;
}

/* Which element the object gives next. */
static inline int32_t random_next_out(struct random_objects *all)
{
    const struct random_state *state = &all->state;
    int32_t best = 0;
    if (all->kind == RANDOM_STACK)
        return state->count - 1;
    if (all->kind == RANDOM_UNORDERED_QUEUE)
        return (int32_t)random_pick(all, (uint32_t)state->count);
    for (int32_t i = 1; all->kind == RANDOM_PRIORITY_QUEUE && i < state->count; i++)
        if (value_ref_as_int(state->items[i]) > value_ref_as_int(state->items[best]))
            best = i;
    return best;
}

static inline bool random_do_container(struct random_objects *all, const struct operation *op,
                                       value_ref *answer)
{
    struct random_state *state = &all->state;
    symbol f = symbol_canonical(op->f);
    if (f == F_ENQUEUE || f == F_PUSH) {
        *answer = random_pick(all, 2) ? op->argument : VALUE_REF_NIL;
        state->items[state->count++] = op->argument;
    } else if (state->count == 0) {
        *answer = all->empty[random_pick(all, 3)];
    } else {
        int32_t at = random_next_out(all);
        *answer = state->items[at];
        state->count--;
        for (int32_t i = at; i < state->count; i++)
            state->items[i] = state->items[i + 1];
    }
    return true;
}

static inline bool random_do_counter(struct random_objects *all, const struct operation *op,
                                     value_ref *answer)
{
    int32_t amount = op->argument == VALUE_REF_NIL ? 1 : value_ref_as_int(op->argument);
    if (op->f == F_READ)
        amount = 0;
    all->state.count += symbol_canonical(op->f) == F_DECREMENT ? -amount : amount;
    *answer = op->argument;
    if (op->f == F_READ || all->answers_given)
        *answer = value_ref_int(all->state.count);
    return true;
}

/* One of the rules that are possible. */
static inline bool random_do_user(struct random_objects *all, const struct operation *op,
                                  value_ref *answer)
{
    uint32_t first = random_pick(all, all->user.rule_count);
    for (uint32_t i = 0; i < all->user.rule_count; i++) {
        const struct user_rule *rule = &all->rules[(first + i) % all->user.rule_count];
        if (!rule->from[all->state.count] || !user_rule_asks(rule, all->pool, op))
            continue;
        *answer =
            value_ref_int((int32_t)(rule->any_result ? random_pick(all, 2) : rule->result.integer));
        if (rule->to != USER_SAME)
            all->state.count = (int32_t)rule->to;
        return true;
    }
    return false;
}

static inline bool random_do(struct random_objects *all, const struct operation *op,
                             value_ref *answer)
{
    switch (all->kind) {
    case RANDOM_REGISTER:
    case RANDOM_CAS_REGISTER:
        return random_do_register(all, op, answer);
    case RANDOM_MULTI_REGISTER:
        return random_do_multi_register(all, op, answer);
    case RANDOM_KV:
        return random_do_kv(all, op, answer);
    case RANDOM_LINEAR_SET:
    case RANDOM_GROW_ONLY_SET:
        return random_do_set(all, op, answer);
    case RANDOM_LINEAR_COUNTER:
        return random_do_counter(all, op, answer);
    case RANDOM_USER:
        return random_do_user(all, op, answer);
    default:
        return random_is_mutex(all->kind) ? random_do_mutex(all, op, answer)
                                          : random_do_container(all, op, answer);
    }
}

/* --- lies: another object answers --- */

static inline void random_disturb(struct random_objects *all)
{
    struct random_state *state = &all->state;
    for (uint32_t i = 0; i < 2; i++)
        state->registers[i] = value_ref_int((int32_t)random_pick(all, all->options.values));
    if (all->options.distinct && all->next_value > 0)
        state->registers[0] = value_ref_int((int32_t)random_pick(all, (uint32_t)all->next_value));
    state->members ^= UINT32_C(1) << random_pick(all, all->options.values);
    state->text = random_pick(all, 2) ? all->no_text : state->text;
    if (all->kind == RANDOM_LINEAR_COUNTER)
        state->count += random_pick(all, 2) ? 1 : -1;
    if (random_is_mutex(all->kind))
        state->count = 0, state->owner = VALUE_REF_NIL;
    if (all->kind == RANDOM_USER)
        state->count = (int32_t)random_pick(all, all->user.state_count);
    if (!random_is_container(all->kind))
        return;
    uint32_t known = all->options.distinct ? (uint32_t)all->next_value + 1 : all->options.values;
    state->count = (int32_t)random_pick(all, 2);
    state->items[0] = value_ref_int((int32_t)random_pick(all, known));
}

#endif
