"""Saved cases: saved twice, a question is one."""

from apps.evals.models import SavedCase
from apps.evals.questions.saving import collections_of, save_case

ASKED = [{"role": "user", "content": "Who steers?"}]


def test_a_question_saved_twice_is_one_case_with_the_latest_words(owner, editor):
    first, is_new = save_case(membership=owner, collection=" Harbour\n", messages=ASKED)
    again, is_new_again = save_case(
        membership=editor,
        collection="Harbour",
        messages=[{"content": "Who steers?", "role": "user"}],
        expected="The captain.",
    )
    assert (is_new, is_new_again) == (True, False)
    assert again.pk == first.pk
    saved = SavedCase.objects.get()
    assert (saved.expected, saved.created_by) == ("The captain.", owner.user)


def test_a_collection_and_a_workspace_each_have_their_own(owner, stranger):
    for membership, collection in ((owner, "Harbour"), (owner, "Tide"), (stranger, "Harbour")):
        save_case(membership=membership, collection=collection, messages=ASKED)
    assert SavedCase.objects.count() == 3
    assert collections_of(owner) == ["Harbour", "Tide"]
