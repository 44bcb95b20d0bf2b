"""Addresses of jobs."""

from django.urls import path

from apps.jobs.views import (
    budgeting,
    choosing,
    comparing,
    creating,
    curves,
    elsewhere,
    listing,
    steering,
    watching,
)

app_name = "jobs"
urlpatterns = [
    path("", listing.job_list, name="list"),
    path("new/", creating.job_create, name="create"),
    path("new/options/", creating.job_options, name="options"),
    path("estimate/", choosing.job_estimate, name="estimate"),
    path("base-models/", choosing.base_model_choice, name="base_models"),
    path("validation/", choosing.validation_choice, name="validation_choice"),
    path("leaks/", choosing.job_leaks, name="leaks"),
    path("budget/", budgeting.budget_page, name="budget"),
    path("compare/", comparing.job_compare, name="compare"),
    path("compare/series/", comparing.compare_series, name="compare_series"),
    path("elsewhere/", elsewhere.jobs_elsewhere, name="elsewhere"),
    path("elsewhere/<uuid:connection_id>/import/", elsewhere.import_jobs, name="import"),
    path("elsewhere/<uuid:connection_id>/follow/", elsewhere.follow_jobs, name="follow"),
    path("<uuid:job_id>/", watching.job_detail, name="detail"),
    path("<uuid:job_id>/series/", curves.job_series, name="series"),
    path("<uuid:job_id>/metrics.csv", curves.job_metrics_csv, name="metrics_csv"),
    path("<uuid:job_id>/numbers/", curves.job_numbers, name="numbers"),
    path("<uuid:job_id>/events/", watching.job_events, name="events"),
    path("<uuid:job_id>/cancel/", steering.job_cancel, name="cancel"),
    path("<uuid:job_id>/approve/", budgeting.job_approve, name="approve"),
    path("<uuid:job_id>/pause/", steering.job_pause, name="pause"),
    path("<uuid:job_id>/delete/", steering.job_delete, name="delete"),
    path("<uuid:job_id>/resume/", steering.job_resume, name="resume"),
]
