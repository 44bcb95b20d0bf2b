"""The doors to datasets."""

from django.urls import path

from apps.datasets.views import datasets, report, upload

app_name = "datasets"
urlpatterns = [
    path("", datasets.dataset_list, name="list"),
    path("upload/", upload.dataset_upload, name="upload"),
    path("sample/", datasets.dataset_add_sample, name="add_sample"),
    path("<uuid:dataset_id>/", datasets.dataset_detail, name="detail"),
    path("<uuid:dataset_id>/delete/", datasets.dataset_delete, name="delete"),
    path("<uuid:dataset_id>/count/", datasets.dataset_count_tokens, name="count_tokens"),
    path("<uuid:dataset_id>/problems/", report.problem_list, name="problems"),
    path("<uuid:dataset_id>/problems.csv", report.problem_csv, name="problems_csv"),
    path("<uuid:dataset_id>/rows/", report.row_list, name="rows"),
    path("<uuid:dataset_id>/download/", report.dataset_download, name="download"),
]
