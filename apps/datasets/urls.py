"""The doors to datasets."""

from django.urls import path

from apps.datasets import report_views, upload_views, views

app_name = "datasets"
urlpatterns = [
    path("", views.dataset_list, name="list"),
    path("upload/", upload_views.dataset_upload, name="upload"),
    path("sample/", views.dataset_add_sample, name="add_sample"),
    path("<uuid:dataset_id>/", views.dataset_detail, name="detail"),
    path("<uuid:dataset_id>/delete/", views.dataset_delete, name="delete"),
    path("<uuid:dataset_id>/count/", views.dataset_count_tokens, name="count_tokens"),
    path("<uuid:dataset_id>/problems/", report_views.problem_list, name="problems"),
    path("<uuid:dataset_id>/problems.csv", report_views.problem_csv, name="problems_csv"),
    path("<uuid:dataset_id>/rows/", report_views.row_list, name="rows"),
    path("<uuid:dataset_id>/download/", report_views.dataset_download, name="download"),
]
