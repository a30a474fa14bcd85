"""The tables of libraries that serve the whole site: Django's own lists, and the queue of tasks."""

from datetime import timedelta

from hustings.lib.records import (
    AS_THE_ROW,
    TECHNICAL,
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

TASK = "django_tasks_database.DBTaskResult"
QUEUE = Topic("work", data=("user.unique_id.pseudonymous",), use="essential.service.operations")
DONE_TASKS = Expiry("site.tasks", TASK, "finished_at", timedelta(hours=1))
AN_HOUR = Retention("tasks", "until the work is done, and an hour", (DONE_TASKS,))
GROUPS = "Empty: rights come from memberships and from the operator, never from Django's groups."
MODELS = "Django's list of this program's tables; about nobody."

FIELDS: list[Field] = [
    *about_people(
        TASK,
        QUEUE,
        AN_HOUR,
        (Reader.SERVER,),
        args_kwargs="With which row's key; never a name, an address or a text.",
        return_value="What it answered.",
        traceback="Where it failed, when it did.",
    ),
    *technical(
        TASK,
        id="The task's name.",
        status="Whether it waits, runs, is done or failed.",
        enqueued_at="When it was asked for.",
        started_at="When it began.",
        finished_at="When it ended.",
        priority="How urgent it is.",
        task_path="Which work it is.",
        worker_ids="Which workers had it.",
        queue_name="In which queue it waits.",
        backend_name="Which queue system has it.",
        run_after="Not before when it may begin.",
        exception_class_path="What sort of failure it was.",
    ),
    *technical("auth.Permission", id=GROUPS, name=GROUPS, content_type=GROUPS, codename=GROUPS),
    *technical("auth.Group", id=GROUPS, name=GROUPS, permissions=GROUPS),
    *technical("contenttypes.ContentType", id=MODELS, app_label=MODELS, model=MODELS),
]

TABLES: list[Table] = [
    Table(
        TASK,
        exported=False,
        why="Work that waits for seconds, named by row keys; what it did is in the rows themselves.",
        backed_up=False,
    ),
    Table("auth.Permission", backed_up=False),
    Table("auth.Group", backed_up=False),
    Table("contenttypes.ContentType", backed_up=False),
]

STORES: list[Store] = [
    Store(
        "demo",
        TECHNICAL,
        "Films of the demonstration, drawn by the program; nobody is in them.",
        AS_THE_ROW,
        (Reader.SERVER,),
    ),
    Store("table:django_migrations", TECHNICAL, "Which forms the database has had.", AS_THE_ROW, (Reader.SERVER,)),
]
