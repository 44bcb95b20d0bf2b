"""A sentence that a worker wrote is read in the language of whoever reads it."""

import pytest
from django.utils.translation import gettext_noop as _
from django.utils.translation import override

from apps.core.sentences import MARK, Sentence, kept, read
from apps.jobs.models import Job
from tests.factories import make_job

LATE = _("The server at %(origin)s did not answer in time.")
UNREACHABLE = _("The server at %(origin)s could not be reached: %(words)s")
NAMELESS = _("No server has this name.")


def late() -> Sentence:
    return Sentence(LATE, origin="api.test")


def test_a_sentence_is_told_in_the_language_of_the_moment():
    stored = kept(late())
    with override("zh-hans"):
        assert read(stored) == "api.test 的服务器没有及时响应。"
    assert read(stored) == "The server at api.test did not answer in time."


def test_a_sentence_inside_a_sentence_is_told_too():
    stored = kept(Sentence(UNREACHABLE, origin="api.test", words=Sentence(NAMELESS)))
    with override("zh-hans"):
        assert read(stored) == "无法连接 api.test 的服务器：没有这个名称的服务器。"


@pytest.mark.parametrize("words", ["Too few examples.", "100 % sure %(x)s", '["a", {}]', ""])
def test_the_words_of_others_stay_as_they_are(words):
    assert read(kept(words)) == words


def test_nobody_else_can_write_what_looks_like_a_sentence():
    assert read(kept(f'{MARK}["%(x)s", {{}}]')) == '["%(x)s", {}]'


def test_a_row_that_is_saved_again_keeps_its_sentence(owner):
    job = make_job(workspace=owner.workspace, trouble=late())
    with override("zh-hans"):
        Job.objects.get(pk=job.pk).save()
    assert Job.objects.get(pk=job.pk).trouble == "The server at api.test did not answer in time."
