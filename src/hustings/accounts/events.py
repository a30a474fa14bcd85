"""What accounts announces. Signals carry ids only: a receiver reads what it needs through `api`."""

from django.dispatch import Signal

account_created = Signal()  # account_id: int
account_changed = Signal()  # account_id: int; name, picture, profile text or official mark

# The account is locked: it can no longer sign in and must no longer be shown. Receivers remove what
# the database's cascade cannot, such as files. May be sent more than once for one account; it is sent
# again right before the rows go, so that a receiver that failed gets its second chance.
account_closing = Signal()  # account_id: int

invited = Signal()  # organisation_id: int, person_id: int; an owner asks the person to join
invitation_over = Signal()  # organisation_id: int, person_id: int; answered or taken back

# Sent in the transaction of the change, with the `preferences` after it: who keeps a copy changes it in the same write.
preferences_changed = Signal()
