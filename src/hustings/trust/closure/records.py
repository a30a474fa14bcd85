"""What closing holds about people: the account on its way out, and the notice in its place."""

from datetime import timedelta

from hustings.lib.records import (
    Basis,
    End,
    Expiry,
    Field,
    Reader,
    Retention,
    Store,
    Table,
    Topic,
    about_people,
    technical,
)

CLOSURE, RECORD, NOTICE = "trust.Closure", "trust.ClosureRecord", "trust.ClosedAccount"

CLOSING = Topic("closing", data=("user.account.settings",), use="essential.service", basis=Basis.LEGAL)
NOTICES = Topic(
    "closed accounts", data=("user.account.username",), use="essential.service.security", basis=Basis.PUBLIC
)

UNTIL_RECEIPT = Retention(
    "receipt", "until the receipt is written, moments after everything is erased", (End.OVERWRITTEN,)
)
A_YEAR = Retention(
    "closure",
    "{n} days after the receipt was written; receipts of official accounts for ever",
    (Expiry("trust.closures", CLOSURE, "closed_at", timedelta(days=365), {"public": False}),),
)
FOR_EVER = Retention("notice", "for ever: the notice is permanent, and the handle is never given again", (End.FOREVER,))

OWNER = (Reader.SELF, Reader.TEAM, Reader.SERVER)
LINK = (Reader.HOLDER, Reader.SERVER)

FIELDS: list[Field] = [
    *about_people(
        CLOSURE,
        CLOSING,
        UNTIL_RECEIPT,
        OWNER,
        subject="Whose account is closing.",
        handle="Its handle, to look for it everywhere.",
        words="What its owner wants the notice to say.",
        link="Where its owner wants the notice to lead.",
    ),
    *about_people(
        CLOSURE,
        CLOSING.secretly(),
        UNTIL_RECEIPT,
        (Reader.SERVER,),
        working="Names of its files and its e-mail addresses, sealed, to make sure that none is left.",
        statement="What the receipt will say.",
    ),
    *about_people(
        CLOSURE,
        CLOSING,
        A_YEAR,
        LINK,
        kind="Whether it was a person's, an organisation's or an official account.",
        state="How far it is.",
        comments="What its owner chose for their comments.",
        archive="Whether a package for the public record was wanted.",
        cooling_days="For how many days it could be taken back.",
        asked_at="When it was asked for.",
        due_at="When it is locked.",
        locked_at="When it was locked.",
        erased_at="When everything was erased.",
        verified_at="When a sweep found nothing.",
        closed_at="When the receipt was written.",
        archived="Where the package for the public record is, and its SHA-256.",
        receipt="The receipt; sealed to its owner's link, which nobody else has, or of an official account in clear.",
    ),
    *about_people(
        CLOSURE,
        CLOSING.secretly(),
        A_YEAR,
        (Reader.SERVER,),
        secret_sha256="A hash of the secret in its owner's link, to find the row by.",  # noqa: S106 - a description
        receipt_to="The public key that the receipt is sealed to.",
    ),
    *technical(
        CLOSURE,
        id="The row's key.",
        public_id="Its name in the address of a public receipt.",
        step="Which domain is being erased.",
        to_erase="How many things there were.",
        erased="How many of them are erased.",
        lease_key="Which worker has it.",
        lease_until="Until when.",
        woken_at="When work was last asked for.",
        attempts="How often in a row it failed.",
        error="What failed last: which step and which kind of fault.",
        error_at="When.",
        findings="How many things the last sweep found, by place.",
        entry="The entry in the public log.",
        public="Whether the receipt is public.",
    ),
    *technical(
        RECORD,
        id="The row's key.",
        closure="Which closure it belongs to; goes with the receipt.",
        holder="Which domain erased.",
        what="What kind of thing.",
        count="How many.",
        sha256="The files' fingerprints, for the receipt.",
    ),
    *about_people(
        NOTICE,
        NOTICES,
        FOR_EVER,
        (Reader.EVERYONE,),
        handle="Under which handle there was an account.",
        name="Its name, of organisations alone: nobody may pose as one that is gone.",
        kind="Whether it was a person's, an organisation's or an official account.",
        words="What its owner wanted to say in its place.",
        link="Where its owner can be found instead.",
        closed_at="When it was closed.",
        note="The notice, signed with the log's key.",
        receipt="The public receipt of an official account.",
    ),
    *about_people(
        NOTICE,
        NOTICES,
        FOR_EVER,
        (Reader.SERVER,),
        skeleton="The handle in the form in which look-alikes are equal.",
    ),
    *technical(NOTICE, id="The row's key."),
]
TABLES: list[Table] = [
    Table(
        CLOSURE,
        subjects=("subject",),
        erased="keep",
        why="It carries the erasing itself; what it holds about the account goes with the receipt.",
    ),
    Table(RECORD),
    Table(NOTICE, why="It is about an account that is gone: nothing says any more whose it was but its handle."),
]

STORES: list[Store] = [
    Store(
        "closed",
        NOTICES,
        "The same notices as files, so that the restore of an older database does not bring anybody back.",
        FOR_EVER,
        (Reader.SERVER,),
    )
]
