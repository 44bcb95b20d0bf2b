from django.urls import path

from apps.playground.views import (
    branches,
    cases,
    columns,
    conversations,
    exports,
    facts,
    fixing,
    nearest,
    replies,
    rows,
    votes,
)

app_name = "playground"
urlpatterns = [
    path("", conversations.conversation_list, name="list"),
    path("new/", conversations.conversation_create, name="create"),
    path("rows/", rows.row_choices, name="rows"),
    path("rows/one/", rows.row_loaded, name="row"),
    path("columns/", columns.column_add, name="column"),
    path("models/<int:position>/", columns.model_list, name="models"),
    path("replies/<uuid:reply_id>/stream/", replies.reply_stream, name="stream"),
    path("replies/<uuid:reply_id>/stop/", replies.reply_stop, name="stop"),
    path("replies/<uuid:reply_id>/again/", replies.reply_again, name="again"),
    path("replies/<uuid:reply_id>/case/", cases.save_case, name="save_case"),
    path("replies/<uuid:reply_id>/correct/", fixing.correct_reply, name="correct"),
    path("answers/<int:answer_id>/correct/", fixing.correct_answer, name="correct_answer"),
    path("replies/<uuid:reply_id>/nearest/", nearest.nearest_to_reply, name="nearest"),
    path("answers/<int:answer_id>/nearest/", nearest.nearest_to_answer, name="nearest_to_answer"),
    path("replies/<uuid:reply_id>/tokens/", facts.reply_tokens, name="tokens"),
    path("replies/<uuid:reply_id>/code/", facts.reply_code, name="code"),
    path("replies/<uuid:reply_id>/code/<str:language>/", facts.reply_code_text, name="code_text"),
    path("<uuid:conversation_id>/", conversations.conversation_detail, name="conversation"),
    path("<uuid:conversation_id>/turns/", conversations.conversation_send, name="send"),
    path("<uuid:conversation_id>/turns/<int:position>/", votes.turn_detail, name="turn"),
    path(
        "<uuid:conversation_id>/turns/<int:position>/earlier/",
        conversations.turns_earlier,
        name="earlier",
    ),
    path("<uuid:conversation_id>/turns/<int:position>/vote/", votes.turn_vote, name="vote"),
    path(
        "<uuid:conversation_id>/turns/<int:position>/stream/",
        replies.turn_stream,
        name="turn_stream",
    ),
    path("<uuid:conversation_id>/blind/", votes.blind_switch, name="blind"),
    path("<uuid:conversation_id>/review/", votes.review, name="review"),
    path("<uuid:conversation_id>/review/undo/", votes.review_undo, name="review_undo"),
    path("<uuid:conversation_id>/votes/", votes.vote_result, name="votes"),
    path(
        "<uuid:conversation_id>/turns/<int:position>/prompt/", branches.prompt_show, name="prompt"
    ),
    path("<uuid:conversation_id>/turns/<int:position>/edit/", branches.prompt_edit, name="edit"),
    path("<uuid:conversation_id>/turns/<int:position>/ask/", branches.branch_with, name="ask"),
    path(
        "<uuid:conversation_id>/turns/<int:position>/branch/", branches.branch_from, name="branch"
    ),
    path("<uuid:conversation_id>/export/<str:form>/", exports.conversation_export, name="export"),
    path("<uuid:conversation_id>/rename/", conversations.conversation_rename, name="rename"),
    path("<uuid:conversation_id>/delete/", conversations.conversation_delete, name="delete"),
]
