"""/v1/models"""

from http import HTTPStatus

from asgiref.sync import sync_to_async
from django.http import JsonResponse
from django.http.response import HttpResponseBase

from apps.engine import services
from apps.engine.auth import EngineRequest
from apps.engine.errors import Refusal, model_not_found
from apps.engine.models import ServedModel
from apps.engine.tiny.weights import BASE_MODEL
from apps.engine.wire import objects


async def list_models(request: EngineRequest) -> HttpResponseBase:
    """List the base model and everything the workspace has made of it, newest first."""
    rows = ServedModel.objects.filter(workspace=request.workspace).select_related("workspace")
    tuned = [objects.served_model(row) async for row in rows.order_by("-pk")]
    return JsonResponse({"object": "list", "data": [objects.base_model(), *tuned]})


async def retrieve_model(request: EngineRequest, name: str) -> HttpResponseBase:
    """Describe one model."""
    if name == BASE_MODEL:
        return JsonResponse(objects.base_model())
    return JsonResponse(objects.served_model(await find_model(request, name)))


async def delete_model(request: EngineRequest, name: str) -> HttpResponseBase:
    """Remove a fine-tuned model or checkpoint."""
    if name == BASE_MODEL:
        raise Refusal(
            f"The model {name} belongs to this server; only fine-tuned models can be deleted.",
            status=HTTPStatus.FORBIDDEN,
            param="model",
        )
    model = await find_model(request, name)
    try:
        await sync_to_async(services.delete_model)(model=model)
    except services.InUse as in_use:
        raise Refusal(str(in_use), status=HTTPStatus.CONFLICT, code="model_in_use") from in_use
    return JsonResponse(objects.deleted("model", name))


async def find_model(request: EngineRequest, name: str) -> ServedModel:
    """Return a fine-tuned model of this workspace, or refuse in OpenAI's words."""
    rows = ServedModel.objects.filter(workspace=request.workspace, name=name)
    model = await rows.select_related("workspace").afirst()
    if model is None:
        raise model_not_found(name)
    return model
