"""What a model is asked with: the system prompt and the parameters."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MOST_STOPS = 4  # OpenAI takes no more
MOST_TOP_LOGPROBS = 20
LONGEST_SEPARATOR = 200
LONGEST_SCHEMA_NAME = 64  # OpenAI takes no longer one


class ChatSettings(models.Model):
    """Left empty, a parameter is not sent: the provider's own default holds."""

    class ResponseFormat(models.TextChoices):
        TEXT = "", _("Text")
        JSON = "json_object", _("JSON")
        SCHEMA = "json_schema", _("JSON that follows a schema")

    system_prompt = models.TextField(blank=True)
    temperature = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    top_p = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    max_tokens = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)]
    )
    seed = models.BigIntegerField(null=True, blank=True)
    stop = models.JSONField(default=list, blank=True)  # texts at which an answer ends
    response_format = models.CharField(max_length=20, choices=ResponseFormat, blank=True)
    schema = models.JSONField(default=dict, blank=True)  # what the JSON has to follow
    schema_name = models.CharField(max_length=LONGEST_SCHEMA_NAME, blank=True)
    is_strict = models.BooleanField(default=True)  # the server writes nothing else
    tools = models.JSONField(default=list, blank=True)  # in OpenAI's shape
    top_logprobs = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_TOP_LOGPROBS)]
    )

    # for models that only complete prompts; left empty, what their training data has
    separator = models.CharField(max_length=LONGEST_SEPARATOR, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_temperature_in_range", condition=Q(temperature__range=(0, 2))
            ),
            models.CheckConstraint(
                name="%(class)s_top_p_in_range", condition=Q(top_p__range=(0, 1))
            ),
            models.CheckConstraint(
                name="%(class)s_max_tokens_positive", condition=Q(max_tokens__gt=0)
            ),
            models.CheckConstraint(
                name="%(class)s_top_logprobs_in_range",
                condition=Q(top_logprobs__lte=MOST_TOP_LOGPROBS),
            ),
        ]

    def values(self) -> dict[str, Any]:
        """Return the settings alone, by name."""
        return {field.name: getattr(self, field.name) for field in ChatSettings._meta.local_fields}
