"""A question of the playground, saved so that evals ask it again."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.core.http import AuthedRequest, wants_partial
from apps.evals.questions import saving
from apps.playground.data import subjects
from apps.playground.data.subjects import Subject
from apps.playground.forms.fixing import CaseForm

PAGE = "playground/save_case.html"


@require_http_methods(["GET", "POST"])
def save_case(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Show the form, in a dialog or as a page; save the question with what is expected."""
    subject = subjects.of_reply(request.membership, reply_id, to_edit=True)
    form = CaseForm(request.POST or None, initial=_initial(request, subject))
    context = {"subject": subject, "form": form, "reply_id": reply_id}
    if request.method == "POST" and form.is_valid():
        case, is_new = saving.save_case(
            membership=request.membership, messages=subject.messages, **form.cleaned_data
        )
        context |= {"case": case, "is_new": is_new}
    else:
        context["collections"] = saving.collections_of(request.membership)
    status = 422 if form.errors else 200
    template = f"{PAGE}#save-case" if wants_partial(request) else PAGE
    return render(request, template, context, status=status)


def _initial(request: AuthedRequest, subject: Subject) -> dict[str, str]:
    known = saving.collections_of(request.membership)
    return {
        "collection": known[0] if known else _("Cases from the playground"),
        "expected": subject.expected or subject.text,
    }
