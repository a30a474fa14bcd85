"""Run by test_count_under_concurrency.py in processes of their own, as servers are.

`prepare` makes people and clips and prints their ids; `work SEED IDS` does deeds in several threads.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import threading

import django

from hustings.trust.scopes import in_service, service_from_here

PEOPLE, CLIPS, THREADS, ROUNDS = 4, 2, 3, 12


def prepare() -> None:
    from cast import person
    from hustings.accounts import api as accounts
    from published import published

    people = [person(f"worker{n}", password=None) for n in range(PEOPLE)]
    clips = [published(people[n]) for n in range(CLIPS)]
    assert accounts.authors([people[0].id])
    sys.stdout.write(json.dumps({"people": [one.id for one in people], "clips": [clip.pk for clip in clips]}))


def deeds(seed: int, people: list[int], clips: list[int]) -> None:
    from django.db import connection

    from hustings.community import api, comments, pace
    from hustings.lib.errors import NotFoundError, TooManyRequestsError

    dice = random.Random(seed)
    for _ in range(ROUNDS):
        me, other = dice.sample(people, 2)
        clip = dice.choice(clips)
        api.like(me, clip)
        api.save(me, clip)
        api.add_views(dict.fromkeys(clips, 1))
        # Somebody may have blocked somebody in this moment; then these find nothing, and that is right.
        with contextlib.suppress(NotFoundError):
            api.follow(me, other)
        with contextlib.suppress(NotFoundError):
            thread = api.comment(me, clip, "one")
            api.comment(other, clip, "two", reply_to=thread)
            comments.remove(me, dice.choice([thread, "x"]))
        with contextlib.suppress(TooManyRequestsError):
            pace.take(me, "comment")
        if dice.random() < 0.5:
            api.unlike(me, clip)
            api.unsave(me, clip)
            api.unfollow(me, other)
        if dice.random() < 0.2:
            api.block(me, other)
            api.unblock(other, me)
            if dice.random() < 0.8:
                api.unblock(me, other)
    connection.close()


def work(seed: int, people: list[int], clips: list[int]) -> None:
    faults: list[BaseException] = []

    def run(number: int) -> None:
        try:
            deeds(number, people, clips)
        except Exception as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=in_service(run), args=(seed * 100 + n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        sys.exit(1)


if __name__ == "__main__":
    django.setup()
    service_from_here()
    if sys.argv[1] == "prepare":
        prepare()
    else:
        given = json.loads(sys.argv[3])
        work(int(sys.argv[2]), given["people"], given["clips"])
