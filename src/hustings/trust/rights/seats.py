"""So many requests at once that last as long as the other side likes, and of one person only some of them."""

import threading
from collections import Counter
from typing import Final

WAIT_S: Final = 2.0


class Seats:
    """`most` at once in this process, `each` of one person: else one member with slow lines shuts out all others."""

    def __init__(self, most: int, each: int) -> None:
        self._most, self._each = most, each
        self._taken: Counter[int] = Counter()
        self._changed = threading.Condition()

    def take(self, person_id: int) -> bool:
        """Whether there is one, now or in a moment. Whoever has theirs already does not wait: it would be in vain."""
        with self._changed:
            if self._taken[person_id] >= self._each:
                return False
            if not self._changed.wait_for(lambda: self._taken.total() < self._most, WAIT_S):
                return False
            self._taken[person_id] += 1
            return True

    def give_back(self, person_id: int) -> None:
        """For somebody else now."""
        with self._changed:
            self._taken[person_id] -= 1
            self._taken += Counter()  # forgets whoever has none
            self._changed.notify()
