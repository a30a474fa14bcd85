"""Which map the public log knows, so that a change can be told line by line."""

from django.db import models


class MapState(models.Model):
    """One row: the map that the log last heard of. `lines` holds a short fingerprint of each line by its id."""

    sha256 = models.CharField(max_length=64, blank=True)
    lines = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"map {self.sha256[:12]}"
