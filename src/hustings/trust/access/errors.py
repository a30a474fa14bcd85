"""What recorded access refuses. Each sentence says what to do, because the honest way must be the easy one."""

from hustings.lib.errors import ForbiddenError, HustingsError, Severity


class UnrecordedReadError(HustingsError):
    """Code reads what is about somebody else, and nobody recorded that it does."""

    code = "unrecorded_read"
    status = 403
    severity = Severity.FATAL
    message = "This would read personal data without a record."
    hint = (
        "Staff: open the person's record under /staff/ and give a reason. "
        "In code: read inside trust.access(…) narrowed to the person and to the chosen fields; "
        "what the product computes for people runs inside trust.service()."
    )


class UnknownCaseError(HustingsError):
    """An access names a case that is not there, is closed, is of another kind, or is about somebody else."""

    code = "unknown_case"
    status = 422
    message = "There is no such open case for this person and this reason."
    hint = "Open a case first, or use the reference of the one you are working on."


class AccessRefusedError(ForbiddenError):
    """The reason is not one that this role may look for, or nobody may see the fields that were chosen."""

    code = "access_refused"
    message = "Your role does not allow this access."
    hint = "Ask a colleague whose role it is; the list of reasons says who may use which."


class ApprovalNeededError(HustingsError):
    """Sensitive data, or a legal order: a second person must agree first."""

    code = "approval_needed"
    status = 403
    message = "A second person must approve this access first."
    hint = "Ask for approval. In an emergency, break the glass: it works at once and is reviewed by others."


class OwnApprovalError(ForbiddenError):
    """Somebody wants to approve or review what they asked for themselves."""

    code = "own_approval"
    message = "You cannot approve or review your own access."
    hint = "Ask another person with the right role."


class SecondFactorError(HustingsError):
    """A role opens people's records; a password alone must not."""

    code = "second_factor_needed"
    status = 403
    message = "Staff screens need a passkey or a second factor."
    hint = "Add a passkey under Settings, Sign-in and security; then sign out and sign in with it."


class StaffSessionError(HustingsError):
    """Nobody said yet where they are working from."""

    code = "staff_session_needed"
    status = 403
    message = "Start a staff session first."
    hint = "Say where you are working from: every access carries it."


class NotPostgresError(HustingsError):
    """SQLite has no roles: who can read the file can read everything."""

    code = "not_postgres"
    message = "Only PostgreSQL has roles; who can read an SQLite file can read everything in it."
    hint = "Keep the file to the server's own user, or move to PostgreSQL when more people need a shell."
