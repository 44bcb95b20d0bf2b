"""OpenAI's addresses, as far as the engine has them."""

from django.urls import path

from apps.engine.views import chat, completions, embeddings, files, health, jobs, models
from apps.engine.views.endpoint import endpoint

app_name = "engine"

JOB = "v1/fine_tuning/jobs/<str:job_id>"

urlpatterns = [
    path("healthz", health.health, name="health"),
    path("v1/files", endpoint(GET=files.list_files, POST=files.create_file)),
    path(
        "v1/files/<str:file_id>",
        endpoint(GET=files.retrieve_file, DELETE=files.delete_file),
    ),
    path("v1/files/<str:file_id>/content", endpoint(GET=files.retrieve_content)),
    path("v1/fine_tuning/jobs", endpoint(GET=jobs.list_jobs, POST=jobs.create_job)),
    path(JOB, endpoint(GET=jobs.retrieve_job)),
    path(f"{JOB}/cancel", endpoint(POST=jobs.cancel_job)),
    path(f"{JOB}/pause", endpoint(POST=jobs.refuse_pause)),
    path(f"{JOB}/resume", endpoint(POST=jobs.refuse_pause)),
    path(f"{JOB}/events", endpoint(GET=jobs.list_events)),
    path(f"{JOB}/checkpoints", endpoint(GET=jobs.list_checkpoints)),
    path("v1/models", endpoint(GET=models.list_models)),
    path("v1/models/<str:name>", endpoint(GET=models.retrieve_model, DELETE=models.delete_model)),
    path("v1/chat/completions", endpoint(POST=chat.create_completion)),
    path("v1/completions", endpoint(POST=completions.create_completion)),
    path("v1/embeddings", endpoint(POST=embeddings.create_embeddings)),
]
