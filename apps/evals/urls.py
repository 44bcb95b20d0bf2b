"""Addresses of evals."""

from django.urls import path

from apps.evals.views import (
    creating,
    evidence,
    exports,
    recordings,
    results,
    reviews,
    runs,
    saved,
    suites,
)

app_name = "evals"
urlpatterns = [
    path("", suites.suite_list, name="list"),
    path("new/", creating.suite_create, name="create"),
    path("new/graders/", creating.suite_graders, name="graders"),
    path("new/drift/", creating.drift_create, name="drift"),
    path("cases/", saved.case_list, name="cases"),
    path("cases/new/", saved.case_create, name="case_create"),
    path("cases/<uuid:saved_id>/", saved.case_detail, name="case"),
    path("cases/<uuid:saved_id>/delete/", saved.case_delete, name="case_delete"),
    path("recordings/", recordings.recording_list, name="recordings"),
    path("recordings/new/", recordings.recording_create, name="recording_create"),
    path("recordings/<uuid:recording_id>/", recordings.recording_detail, name="recording"),
    path(
        "recordings/<uuid:recording_id>/delete/",
        recordings.recording_delete,
        name="recording_delete",
    ),
    path("runs/<uuid:run_id>/keep/<int:position>/", recordings.answers_keep, name="keep"),
    path("<uuid:suite_id>/", suites.suite_detail, name="suite"),
    path("<uuid:suite_id>/questions/", suites.suite_questions, name="questions"),
    path("<uuid:suite_id>/plan/", suites.suite_plan, name="plan"),
    path("<uuid:suite_id>/delete/", suites.suite_delete, name="delete"),
    path("<uuid:suite_id>/run/", runs.run_create, name="run_create"),
    path("<uuid:suite_id>/estimate/", runs.run_estimate, name="estimate"),
    path("runs/<uuid:run_id>/", results.run_detail, name="run"),
    path("runs/<uuid:run_id>/rows/", results.run_rows, name="rows"),
    path("runs/<uuid:run_id>/rows/<int:question>/", results.run_row, name="row"),
    path("runs/<uuid:run_id>/answers.csv", exports.run_csv, name="run_csv"),
    path("runs/<uuid:run_id>/labels.csv", exports.run_labels_csv, name="labels_csv"),
    path("runs/<uuid:run_id>/run.json", exports.run_json, name="run_json"),
    path("runs/<uuid:run_id>/review/", reviews.review, name="review"),
    path("runs/<uuid:run_id>/review/vote/", reviews.review_vote, name="vote"),
    path("runs/<uuid:run_id>/review/undo/", reviews.review_undo, name="review_undo"),
    path("runs/<uuid:run_id>/stop/", runs.run_stop, name="stop"),
    path("runs/<uuid:run_id>/again/", runs.run_again, name="again"),
    path("scores/<int:score>/override/", results.score_override, name="override"),
    path("evidence/<uuid:model_id>/", evidence.evidence_page, name="evidence"),
    path("evidence/<uuid:model_id>.html", evidence.evidence_html, name="evidence_html"),
    path("evidence/<uuid:model_id>.json", evidence.evidence_json, name="evidence_json"),
]
