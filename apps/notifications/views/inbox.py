"""What happened, for one member: the list, the number beside the bell, and e-mails."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.core.http import AuthedRequest
from apps.notifications import services
from apps.notifications.forms import EmailForm
from apps.notifications.models import Inbox, Notification

PER_PAGE = 50


@require_GET
def notification_list(request: AuthedRequest) -> HttpResponse:
    """Show what happened, newest first, with what is new marked."""
    found = Notification.objects.visible_to(request.membership).select_related("job__connection")
    page = Paginator(found.order_by("-created_at", "-pk"), PER_PAGE).get_page(
        request.GET.get("page", 1)
    )
    new = set(services.unread(request.membership).values_list("pk", flat=True))
    context = {"page_obj": page, "new": new, "membership": request.membership}
    return render(request, "notifications/list.html", context)


@require_GET
def unread(request: AuthedRequest) -> HttpResponse:
    """Return the number beside the bell; to a page that shows it already, nothing."""
    count = services.unread_count(request.membership)
    if request.GET.get("seen") == str(count):
        return HttpResponse(status=204)
    return render(request, "notifications/_unread.html", {"count": count})


@require_POST
def mark_seen(request: AuthedRequest) -> HttpResponse:
    """Take the marks off everything."""
    services.mark_seen(membership=request.membership)
    return redirect("notifications:list")


@require_http_methods(["GET", "POST"])
def emails(request: AuthedRequest) -> HttpResponse:
    """Let a member choose which e-mails they get."""
    inbox = Inbox.objects.filter(membership=request.membership).first()
    wish = inbox.email if inbox else Inbox.Email.NONE
    initial = {"address": request.user.email, "wish": wish}
    form = EmailForm(request.POST or None, initial=initial)
    if form.is_valid():
        services.choose_emails(membership=request.membership, **form.cleaned_data)
        messages.success(request, _("Your choice is saved."))
        return redirect("notifications:emails")
    context = {"form": form, "can_send": settings.CAN_SEND_EMAIL}
    status = 422 if form.errors else 200
    return render(request, "notifications/emails.html", context, status=status)
