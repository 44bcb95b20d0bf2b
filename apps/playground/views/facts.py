"""What a reply was asked with and how sure its model was, on demand."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.library.deployments import serving
from apps.playground import blind
from apps.playground.asking import history
from apps.playground.asking.gathered import MOST_TOKENS
from apps.playground.asking.requests import asked_for
from apps.playground.models import Reply
from apps.playground.showing import heatmap, snippets
from apps.playground.showing.snippets import LANGUAGES
from apps.providers import overrides


@require_GET
def reply_tokens(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Show each token with its probability."""
    reply = _known(request, reply_id)
    if not reply.logprobs:
        raise Http404
    context = {
        "tokens": heatmap.tokens_of(reply.logprobs),
        "is_cut": len(reply.logprobs) >= MOST_TOKENS,
        "most": MOST_TOKENS,
        "steps": heatmap.STEP_WORDS,
    }
    return render(request, "playground/_reply_tokens.html", context)


@require_GET
def reply_code(request: AuthedRequest, reply_id: UUID) -> HttpResponse:
    """Show the request as code in every language."""
    reply = _known(request, reply_id)
    call = _call(reply)
    written = {name: (label, write(call)) for name, (label, write) in LANGUAGES.items()}
    context = {"reply": reply, "written": written, "key_name": call.key_name}
    return render(request, "playground/code.html", context)


@require_GET
def reply_code_text(request: AuthedRequest, reply_id: UUID, language: str) -> HttpResponse:
    """Return the request as code and nothing else, for the clipboard."""
    if language not in LANGUAGES:
        raise Http404
    _label, write = LANGUAGES[language]
    text = write(_call(_known(request, reply_id)))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _known(request: AuthedRequest, reply_id: UUID) -> Reply:
    """Return a reply whose model this person may know."""
    visible = Reply.objects.visible_to(request.membership)
    details = visible.select_related("connection", "turn__conversation__job", "column")
    reply = get_object_or_404(details, public_id=reply_id)
    if blind.hides_names(reply.turn, request.user):
        raise Http404
    return reply


def _call(reply: Reply) -> snippets.Call:
    if reply.connection is None:
        raise Http404
    behind = serving.model_behind(reply.connection, reply.model)
    base = behind.base_model if behind else ""
    asked = asked_for(reply, history.earlier_of([reply])[reply.column_id], base)
    return snippets.call_of(asked.request, reply.connection, overrides.profile_of(reply.connection))
