"""The list of jobs."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest, wants_partial
from apps.jobs import selectors
from apps.jobs.forms import FilterForm


@require_GET
def job_list(request: AuthedRequest) -> HttpResponse:
    """Show one page of jobs; to a page that knows this version, nothing."""
    form = FilterForm(request.GET, membership=request.membership)
    filters = form.filters()
    found = selectors.job_page(request.membership, filters, request.GET.get("page", 1))
    if wants_partial(request) and request.GET.get("seen") == found.version:
        return HttpResponse(status=204)
    query = request.GET.copy()
    query.pop("seen", None)
    jobs = found.jobs()
    context = {
        "jobs": jobs,
        "is_live": any(job.is_active for job in jobs),
        "version": found.version,
        "page_obj": found.page,
        "form": form,
        "filters": filters,
        "query": query.urlencode(),
        "can_edit": request.membership.can_edit,
    }
    template = "jobs/list.html#job-list" if wants_partial(request) else "jobs/list.html"
    return render(request, template, context)
