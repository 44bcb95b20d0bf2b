"""Finds the person behind a session."""

from django.contrib.auth.backends import ModelBackend

from apps.accounts.models import User
from apps.accounts.selectors import first_membership


class MemberBackend(ModelBackend):
    """Reads a person together with the membership that nearly every page asks for next."""

    def get_user(self, user_id: int) -> User | None:
        membership = first_membership(user_id)
        if membership is None:
            return super().get_user(user_id)
        person = membership.user
        person.first_membership = membership
        return person if self.user_can_authenticate(person) else None
