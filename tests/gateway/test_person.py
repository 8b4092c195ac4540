"""``clara person``: everything of somebody, taken out and deleted, in a process of its own."""

import asyncio
import json
import os
from pathlib import Path

from store.database import Pool
from tests import nursery
from tests.store.people.filled import secret, somebody, with_everything


async def person(database_url: str, home: Path, *words: str) -> tuple[int, str, str]:
    ended = await asyncio.to_thread(
        nursery.run,
        "gateway",
        "person",
        *words,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "CLARA_HOME": str(home),
            "CLARA_ENV_FILE": os.devnull,
            "DATABASE_URL": database_url,
        },
    )
    return ended.returncode, ended.stdout, ended.stderr


async def test_a_person_is_taken_out_and_wiped(pool: Pool, database_url: str, tmp_path: Path) -> None:
    owner = somebody()
    await with_everything(pool, owner, str(os.getpid()))
    code, out, err = await person(database_url, tmp_path, "export", secret(owner))
    assert code == 0, err
    exported = json.loads(out)
    assert exported["user"] == owner
    assert secret(owner) in exported["turns"][0]["reply"]
    code, _, err = await person(database_url, tmp_path, "wipe", owner)
    assert code == 1
    assert f"Delete everything about {owner}? This cannot be undone." in err, "it asks before it deletes"
    code, out, err = await person(database_url, tmp_path, "wipe", owner, "--yes", "--json")
    assert code == 0, err
    assert json.loads(out)["turns"] == 1
    assert "Temporal did not answer, so its histories of past messages were not deleted." in err
    code, out, _ = await person(database_url, tmp_path, "list", "--json")
    assert owner not in json.loads(out)
    code, _, err = await person(database_url, tmp_path, "export", "*")
    assert (code, "not the id of a person" in err) == (1, True)
