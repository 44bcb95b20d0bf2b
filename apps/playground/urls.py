from django.urls import path

from apps.playground import views

app_name = "playground"
urlpatterns = [
    path("", views.conversation_list, name="list"),
    path("new/", views.conversation_create, name="create"),
    path("models/<int:position>/", views.model_list, name="models"),
    path("replies/<uuid:reply_id>/stream/", views.reply_stream, name="stream"),
    path("replies/<uuid:reply_id>/stop/", views.reply_stop, name="stop"),
    path("replies/<uuid:reply_id>/again/", views.reply_again, name="again"),
    path("<uuid:conversation_id>/", views.conversation_detail, name="conversation"),
    path("<uuid:conversation_id>/turns/", views.conversation_send, name="send"),
    path("<uuid:conversation_id>/rename/", views.conversation_rename, name="rename"),
    path("<uuid:conversation_id>/delete/", views.conversation_delete, name="delete"),
]
