"""What a person does with a conversation as a whole."""

from apps.playground.models import Conversation


def hide_names(*, conversation: Conversation, is_blind: bool) -> None:
    """Let people judge without knowing whose answer is whose, or show names again."""
    Conversation.objects.filter(pk=conversation.pk).update(is_blind=is_blind)


def rename(*, conversation: Conversation, title: str) -> None:
    """Give the conversation another title; its age stays."""
    Conversation.objects.filter(pk=conversation.pk).update(title=title)


def delete_conversation(*, conversation: Conversation) -> None:
    """Delete the conversation with every reply. A reply that still runs ends by itself."""
    conversation.delete()
