"""Tasks are the product at work: whoever runs one, and however, it runs in the scope of service."""

from typing import Any

from django_tasks.base import Task
from django_tasks_db import DatabaseBackend


class ServiceTask(Task[Any, Any]):
    """A task whose function runs in service, in a worker, in a test and from Django's own `db_worker` alike."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        # Here and not above: a room of trust may declare a task while its front door is still being read.
        from hustings.trust.api import service

        with service():
            return super().call(*args, **kwargs)


class ServiceBackend(DatabaseBackend):
    task_class = ServiceTask  # type: ignore[assignment]  # the base names the class, not the type of its subclasses
