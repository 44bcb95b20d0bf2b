"""What is known about each kind of provider, and nothing of anybody's connections (pure)."""

from apps.providers.profiles.profile import Profile, has_profile, profile_for

__all__ = ["Profile", "has_profile", "profile_for"]
