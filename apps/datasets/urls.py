"""The doors to datasets."""

from django.urls import include, path

from apps.datasets.views import (
    checks,
    columns,
    comparing,
    datasets,
    editing,
    edits,
    exporting,
    history,
    leaks,
    merging,
    pasting,
    quality,
    repair,
    report,
    resuming,
    rows,
    selecting,
    upload,
)

app_name = "datasets"

of_a_version = [
    path("", datasets.version_detail, name="detail"),
    path("cancel/", checks.version_cancel, name="cancel"),
    path("check-again/", checks.version_check_again, name="check_again"),
    path("columns/", columns.version_columns, name="columns"),
    path("count/", datasets.version_count_tokens, name="count_tokens"),
    path("problems/", report.problem_list, name="problems"),
    path("problems.csv", report.problem_csv, name="problems_csv"),
    path("quality/", quality.version_quality, name="quality"),
    path("quality/again/", quality.version_examine, name="examine"),
    path("leaks/", leaks.version_leaks, name="leaks"),
    path("leaks/leave-out/", leaks.version_leave_out_leaked, name="leave_out_leaked"),
    path("clusters/", quality.version_clusters, name="clusters"),
    path("repair/", repair.version_repair, name="repair"),
    path("rows/", rows.row_list, name="rows"),
    path("rows/<int:row>/", editing.row_editor, name="row"),
    path("rows/<int:row>/check/", editing.row_check, name="row_check"),
    path("edits/", edits.edit_list, name="edits"),
    path("edits/leave-out/", edits.leave_out, name="leave_out"),
    path("edits/leave-out-matching/", edits.leave_out_matching, name="leave_out_matching"),
    path("edits/put-back/", edits.put_back, name="put_back"),
    path("edits/undo/", edits.undo, name="undo_edit"),
    path("edits/discard/", edits.discard, name="discard_edits"),
    path("edits/save/", edits.save, name="save_edits"),
    path("split/", selecting.version_split, name="split"),
    path("sample/", selecting.version_sample, name="sample"),
    path("filter/", selecting.version_filter, name="filter"),
    path("versions/", history.version_list, name="versions"),
    path("note/", history.version_note, name="note"),
    path("restore/", history.version_restore, name="restore"),
    path("delete/", history.version_delete, name="delete_version"),
    path("diff/<int:other>/", comparing.version_diff, name="diff"),
    path("export/", exporting.version_export, name="export"),
    path("download/", report.version_download, name="download"),
]

urlpatterns = [
    path("", datasets.dataset_list, name="list"),
    path("paste/", pasting.dataset_paste, name="paste"),
    path("upload/", upload.dataset_upload, name="upload"),
    path("upload/<uuid:upload>/", resuming.dataset_upload_on, name="upload_on"),
    path("sample/", datasets.dataset_add_sample, name="add_sample"),
    path("merge/", merging.dataset_merge, name="merge"),
    path("<uuid:dataset_id>/", datasets.dataset_open, name="open"),
    path("<uuid:dataset_id>/delete/", datasets.dataset_delete, name="delete"),
    path("<uuid:dataset_id>/<int:number>/", include(of_a_version)),
]
