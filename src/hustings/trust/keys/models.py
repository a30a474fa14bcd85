"""A key for each person, and which of the cell's keys they are wrapped with."""

from django.db import models

from hustings.lib import clock


class PersonKey(models.Model):
    """The key of one person's data, wrapped by the cell's key; made with the first thing that is sealed.

    An erased key leaves its row behind, empty: a key is never made a second time for the same person,
    so that nothing can be written about them after the erasure by mistake.
    """

    # The account's id, without a foreign key, because the row outlives it; 0 is the cell itself (see closure/backup).
    subject = models.BigIntegerField(primary_key=True)
    wrapped = models.BinaryField(default=bytes)  # empty: erased
    kek_id = models.CharField(max_length=64, db_index=True)  # empty: erased
    # The key's name in the public log when it is erased; made with the key, see `envelope.mark`. Empty: erased.
    mark = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    erased_at = models.DateTimeField(null=True, db_index=True)
    # Whether the database's own files may still hold the erased bytes (SQLite's log, until it is emptied).
    traces = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"key of {self.subject}"


class CellKey(models.Model):
    """One of the cell's keys, by name alone: the key itself never lies in the database.

    Whoever makes a person's key holds a share of the row of the current one until they commit;
    a rotation that changes the row waits for them. So no key is ever made under one that is going.
    """

    class State(models.TextChoices):
        CURRENT = "current"
        RETIRING = "retiring"  # people's keys are being rewrapped
        DESTROYED = "destroyed"

    id = models.CharField(max_length=64, primary_key=True)
    state = models.CharField(max_length=9, choices=State, default=State.CURRENT)
    made_at = models.DateTimeField(default=clock.now)
    destroyed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"cell key {self.id}, {self.state}"
