"""People's votes on the answers of a run. Whoever may look may vote."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest
from apps.evals import reviewing
from apps.evals.models import Answer, Run
from apps.evals.reviewing import Desk
from apps.evals.views.runs import visible_run

WORDS = {"right": True, "wrong": False}


@require_GET
def review(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Show the next answer that this person has yet to judge."""
    run = visible_run(request, run_id)
    if not reviewing.places(run):
        return render(request, "evals/review.html", {"run": run})
    desk = _desk(request, run, request.GET)
    total, waiting = desk.answers.count(), desk.waiting.count()
    context = {
        "run": run,
        "desk": desk,
        "answer": _answer(desk, request.GET),
        "done": total - waiting,
        "total": total,
        "desks": [Desk(run, place, desk.user) for place in reviewing.places(run)],
        "address": request.build_absolute_uri(f"{request.path}?grader={desk.place}"),
    }
    return render(request, "evals/review.html", context)


@require_POST
def review_vote(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Keep one vote and show the next answer."""
    desk = _desk(request, visible_run(request, run_id), request.POST)
    answer = get_object_or_404(desk.answers, pk=_number(request.POST.get("answer")) or 0)
    said = request.POST.get("vote", "")
    if said == "skip":
        return _back(desk, after=answer.pk)
    if said not in WORDS:
        raise Http404
    reviewing.vote(desk, answer, passed=WORDS[said])
    return _back(desk, after=answer.pk)


@require_POST
def review_undo(request: AuthedRequest, run_id: UUID) -> HttpResponse:
    """Take back this person's last vote, and show that answer again."""
    desk = _desk(request, visible_run(request, run_id), request.POST)
    return _back(desk, again=reviewing.take_back(desk))


def _answer(desk: Desk, asked: QueryDict) -> Answer | None:
    """Return the answer whose vote was taken back, else the next one."""
    again = _number(asked.get("again"))
    if again and (answer := desk.waiting.select_related("case").filter(pk=again).first()):
        return answer
    return desk.next(_number(asked.get("after")))


def _back(desk: Desk, **where: int | None) -> HttpResponse:
    address = reverse("evals:review", args=[desk.run.public_id])
    query = "".join(f"&{name}={value}" for name, value in where.items() if value)
    return HttpResponseRedirect(f"{address}?grader={desk.place}{query}")


def _desk(request: AuthedRequest, run: Run, asked: QueryDict) -> Desk:
    """Return what is judged; the first thing that can be where nothing is named."""
    there = reviewing.places(run)
    named = asked.get("grader", "")
    place = _number(named) if named else next(iter(there), None)
    if place not in there or place is None:
        raise Http404
    return Desk(run, place, request.membership.user)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
