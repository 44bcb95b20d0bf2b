"""Addresses of models."""

from django.urls import path

from apps.library.views import deploying, listing, removing, watching

app_name = "library"
urlpatterns = [
    path("", listing.model_list, name="list"),
    path("elsewhere/<uuid:connection_id>/", listing.look_elsewhere, name="look_elsewhere"),
    path("<uuid:model_id>/", watching.model_detail, name="detail"),
    path("<uuid:model_id>/notes/", watching.model_note, name="note"),
    path("<uuid:model_id>/delete/", removing.model_delete, name="delete"),
    path("of-job/<uuid:job_id>/", watching.model_of_job, name="of_job"),
    path("files/<uuid:job_id>/", removing.job_files, name="files"),
    path("files/<uuid:job_id>/delete/", removing.job_file_delete, name="delete_file"),
    path("<uuid:model_id>/deploy/", deploying.model_deploy, name="deploy"),
    path("<uuid:model_id>/deployments/", deploying.model_deployments, name="deployments"),
    path(
        "deployments/<uuid:deployment_id>/stop/", deploying.deployment_stop, name="stop_deployment"
    ),
]
