"""Have a model served, watch it come up, and stop it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.library import services
from apps.library.deployments import serving
from apps.library.forms import DeployForm
from apps.library.models import Deployment, TunedModel
from apps.providers.profiles import profile_for
from apps.providers.profiles.deployments import deployment_facts


@require_http_methods(["GET", "POST"])
@editors_only
def model_deploy(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Ask what the provider wants to know, then save the wish to deploy."""
    editable = TunedModel.objects.editable_by(request.membership).with_details()
    model = get_object_or_404(editable, public_id=model_id)
    facts = deployment_facts(model.connection.profile)
    form = DeployForm(request.POST or None, facts=facts)
    if form.is_valid():
        try:
            services.deploy(membership=request.membership, model=model, **form.wish())
        except services.NotDeployable as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(model)
    context = {
        "model": model,
        "form": form,
        "facts": facts,
        "profile": profile_for(model.connection.profile),
        "why_not": services.why_not_deployable(model),
        "served": serving.served(model),
    }
    return render(request, "library/deploy.html", context, status=422 if form.errors else 200)


@require_GET
def model_deployments(request: AuthedRequest, model_id: UUID) -> HttpResponse:
    """Renew the part of a model's page that says what serves it; nothing while nothing is new."""
    visible = TunedModel.objects.visible_to(request.membership).with_details()
    model = get_object_or_404(visible, public_id=model_id)
    served = serving.served(model)
    if request.GET.get("seen") == served.version:
        return HttpResponse(status=204)
    context = {"model": model, "served": served, "can_edit": request.membership.can_edit}
    return render(request, "library/_deployments.html", context)


@require_POST
def deployment_stop(request: AuthedRequest, deployment_id: UUID) -> HttpResponse:
    """Ask for a deployment to stop, and go back to its model."""
    editable = Deployment.objects.editable_by(request.membership).select_related("tuned_model")
    deployment = get_object_or_404(editable, public_id=deployment_id)
    services.stop_deployment(deployment=deployment)
    messages.info(request, _("The deployment is being stopped. This can take a moment."))
    return redirect(deployment.tuned_model)
