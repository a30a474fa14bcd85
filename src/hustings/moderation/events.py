"""What moderation announces: ids and references only, after commit, in the same process."""

from django.dispatch import Signal

# kind and ref as in the report; reporter_id is None for somebody signed out. A report that repeats an
# open one announces nothing.
reported = Signal()
