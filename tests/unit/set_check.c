#include "checker/set_check.h"
#include "checker/budget.h"
#include "object_copy.h"
#include "unit/checker_support.h"

static void find(const char *text, struct set_findings *found)
{
    struct history history;
    struct budget budget;
    struct object_copy copy;
    struct errbuf err = ERRBUF_INIT;
    history_of(&history, text);
    budget_init(&budget, 0, 0);
    object_copy_init(&copy, &history);
    cr_assert_eq(set_check(&copy.object, &budget, found, &err), 0, "%s", err.text);
    for (enum set_fault fault = SET_LOST; fault < SET_FAULT_COUNT; fault++)
        for (uint32_t i = 0; i < found->sample_count[fault]; i++)
            cr_expect(set_recheck(&copy.object, fault, &found->samples[fault][i]));
    object_copy_fini(&copy);
    cr_expect_eq(budget.bytes_used, 0);
    history_fini(&history);
}

Test(set_check, counts_what_became_of_every_add)
{
    struct set_findings found;
    find("0 invoke add 1\n0 ok add 1\n0 invoke add 2\n0 ok add 2\n1 invoke add 3\n1 info add 3\n"
         "2 invoke add 4\n2 fail add 4\n3 invoke read\n0 invoke add 5\n0 ok add 5\n"
         "3 ok read [1 3]",
         &found);
    cr_expect_eq(found.attempted, 5);
    cr_expect_eq(found.acknowledged, 3);
    cr_expect_eq(found.present, 1);
    cr_expect_eq(found.recovered, 1);
    cr_expect_eq(found.never_read, 1, "5 was acknowledged after the read began");
    cr_expect_eq(found.count[SET_LOST], 1);
    cr_expect_eq(found.samples[SET_LOST][0].element, value_ref_int(2));
    cr_expect_eq(found.samples[SET_LOST][0].add, 1);
}

Test(set_check, judges_by_the_read_invoked_last)
{
    struct set_findings found;
    find("0 invoke add 1\n0 ok add 1\n1 invoke read\n2 invoke read\n2 ok read [1]\n1 ok read []",
         &found);
    cr_expect_eq(found.count[SET_LOST], 0);
    find("0 invoke add 1\n0 ok add 1\n1 invoke read\n2 invoke read\n1 ok read [1]\n2 ok read #{}",
         &found);
    cr_expect_eq(found.count[SET_LOST], 1);
}

Test(set_check, takes_no_answer_from_a_read_that_failed_or_returned_nil)
{
    struct set_findings found;
    find("0 invoke add 1\n0 ok add 1\n1 invoke read\n1 fail read []\n2 invoke read\n2 ok read nil",
         &found);
    cr_expect_not(found.was_read);
    cr_expect_eq(found.count[SET_LOST], 0);
}

Test(set_check, reports_an_element_twice_in_any_read)
{
    struct set_findings found;
    find("0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read [1 1 1]\n1 invoke read\n"
         "1 ok read [1]",
         &found);
    cr_expect_eq(found.count[SET_DUPLICATE], 1);
}

Test(set_check, allows_an_element_added_while_the_read_was_under_way)
{
    struct set_findings found;
    find("1 invoke read\n0 invoke add 1\n1 ok read [1]\n0 ok add 1", &found);
    cr_expect_eq(found.count[SET_UNEXPECTED], 0);
    find("1 invoke read\n1 ok read [1]\n0 invoke add 1\n0 ok add 1", &found);
    cr_expect_eq(found.count[SET_UNEXPECTED], 1);
}

Test(set_check, recheck_refutes_findings_that_are_not_true)
{
    struct history history;
    struct object_copy copy;
    history_of(&history, "0 invoke add 1\n0 ok add 1\n1 invoke add 2\n1 info add 2\n"
                         "2 invoke read\n2 ok read [1 2]\n3 invoke read\n3 ok read [2]");
    object_copy_init(&copy, &history);
    struct set_finding finding = {.element = value_ref_int(1), .add = 0, .read = 2};
    cr_expect_not(set_recheck(&copy.object, SET_LOST, &finding), "it is there");
    cr_expect_not(set_recheck(&copy.object, SET_UNEXPECTED, &finding));
    cr_expect_not(set_recheck(&copy.object, SET_DUPLICATE, &finding));
    finding.read = 3;
    cr_expect(set_recheck(&copy.object, SET_LOST, &finding));
    finding = (struct set_finding){.element = value_ref_int(2), .add = 1, .read = 3};
    cr_expect_not(set_recheck(&copy.object, SET_LOST, &finding), "not acknowledged");
    cr_expect_not(set_recheck(&copy.object, SET_UNEXPECTED, &finding), "may be there");
    object_copy_fini(&copy);
    history_fini(&history);
}

Test(set_check, does_not_confirm_that_a_read_before_the_last_one_lost_an_element)
{
    struct history history;
    struct object_copy copy;
    history_of(&history, "0 invoke add 1\n0 ok add 1\n1 invoke read\n1 ok read []\n"
                         "2 invoke read\n2 ok read [1]");
    object_copy_init(&copy, &history);
    struct set_finding finding = {.element = value_ref_int(1), .add = 0, .read = 1};
    cr_expect_not(set_recheck(&copy.object, SET_LOST, &finding), "the last read has it");
    object_copy_fini(&copy);
    history_fini(&history);
}
