"""Somebody of whom the store holds something in every table that may hold something of people."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from clara.budgets import Cost
from clara.chat import action_id
from clara.llm.models import Usage
from clara.memory.extraction import Accepted
from clara.memory.kinds import Owner, scope
from clara.messages import ConversationKey, Incoming, Person, Quoted, TextPart
from clara.notices import Notice, notice_id
from clara.plugins import elicitation
from clara.plugins.plugin import EVERYBODY, Plugin, PluginTool
from clara.schedules.schedule import Due, Once, Place, Schedule
from clara.tools.offer import OfferedTool
from clara.tools.provenance import Provenance
from clara.tools.tool import Effect, Risk
from store import (
    accounts,
    approvals,
    budgets,
    chat,
    conversations,
    discord,
    downloads,
    logins,
    notes,
    notices,
    plugin_questions,
    plugins,
    sandbox,
    sign_ins,
)
from store.approvals import Approval
from store.budgets import Terms
from store.database import Connection, Pool
from store.files import blobs, kept
from store.files import readings as file_readings
from store.files.kept import Draft as FileDraft
from store.files.kept import Location
from store.files.readings import FileReading
from store.logins import Pending
from store.memory import faults, lessons, preferences, removals, requests, writing
from store.memory.writing import Draft
from store.notes import Note
from store.people import zones
from store.schedules import runs, schedules
from store.sign_ins import SignIn
from store.turns import offers, side_calls, steps, turns, waits
from store.turns.effects import Ledger
from store.turns.steps import Step, ToolResult


def somebody() -> Owner:
    return scope(f"cli:{uuid4().hex[:12]}")


def secret(owner: Owner) -> str:
    """Stands in everything that is kept of them."""
    return owner.partition(":")[2]


def message(owner: Owner, channel: str, text: str, quoted: str = "") -> Incoming:
    return Incoming(
        id=uuid4().hex,
        conversation=ConversationKey(platform="discord", channel=channel),
        user=Person(id=owner, name="Max"),
        text=text,
        quoted=(Quoted(author="Eve", text=quoted, relation="channel"),) if quoted else (),
        sent_at=datetime.now(UTC),
    )


async def ended(pool: Pool, said: Incoming, reply: str) -> str:
    turn = await turns.begin(pool, said)
    async with pool.connection() as connection:
        await turns.complete(connection, turn.id, said.conversation.id, reply)
    return turn.id


async def with_everything(pool: Pool, owner: Owner, channel: str) -> str:
    """Fill every table; returns the id of an ended turn in the conversation ``channel``."""
    words = secret(owner)
    turn_id = await ended(pool, message(owner, channel, f"what about {words}?"), f"all about {words}")
    blob = await blobs.save(pool, owner, f"{words}.txt", "text/plain", words.encode())
    await file_readings.save(pool, blob, FileReading("text", "text/plain", words), unchanged=False)
    await downloads.claim(pool, blob, f"/saved/{words}.txt")
    await _keep_file(pool, owner, words, turn_id)
    usage = Usage(input_tokens=1, output_tokens=1)
    async with pool.connection() as connection:
        await steps.save(connection, Step(turn_id, 0, (TextPart(text=words),), "p", "m", 0, usage))
        await steps.save_result(connection, ToolResult(turn_id, 0, "c1", "t", words, False, False, 8, blob))
        await connection.execute(
            "insert into payloads (digest, data, created_at) values (%s, %s, now() - interval '3 days')",
            (uuid4().bytes, f'{{"user":{{"id":"{owner}"}},"text":"{words}"}}'.encode()),
        )
        await writing.write(connection, owner, Draft(words, uuid4().hex, "command"))
        await removals.note(connection, owner, [(str(uuid4()), turn_id)])
    await budgets.set_limit(pool, owner, "person-day-usd", None)
    cost, lifetime = Cost(Decimal(0), 0), timedelta(hours=1)
    await budgets.reserve(
        pool, turn_id, "memory", None, cost, lifetime, Terms({}, datetime.now(UTC), cost.usd, cost.usd)
    )
    await side_calls.save(pool, turn_id, "tier", "p", "m", usage)
    await Ledger(pool, f"{turn_id}/0/c1", turn_id, "t", words).begin("hash", timedelta(seconds=1))
    await waits.begin(pool, f"discord/{channel}", turn_id, 0, "c1", "t", words, timedelta(days=1))
    question = Approval(
        id=uuid4().hex[:8], turn_id=turn_id, step=0, call_id="c1", card=words, user_id=owner, tool=words, tool_hash="h",
        binding="b", view=words, why=words, lasting=True, until=datetime.now(UTC) + timedelta(days=1),
    )  # fmt: skip
    await approvals.ask(pool, [question])
    async with pool.connection() as connection:
        await connection.execute("insert into grants (user_id, tool, tool_hash) values (%s, %s, 'h')", (owner, words))
    await discord.claim(pool, turn_id, 0)
    await lessons.learn(pool, turn_id, owner, Accepted(), "m")
    await lessons.keep_recall(pool, turn_id, owner, [], words)
    await preferences.share_private(pool, owner, True)
    async with pool.connection() as connection:
        await notes.save(connection, owner, Note(words, words, True, datetime.now(UTC)), turn_id)
    await requests.keep(pool, f"memory/{owner}/1", owner, words)
    await faults.count(pool, turn_id, owner, words, "malformed")
    alert = Notice(key=words, user_id=owner, to=ConversationKey(platform="discord", channel="1"), text=words)
    await notices.keep(pool, alert)
    await discord.claim(pool, notice_id(words), 0)
    await zones.set(pool, owner, "Asia/Tokyo")
    now = datetime.now(UTC)
    person = Person(id=owner, name=words)
    place = Place(conversation=alert.to, user=person, private=True, deliver_to=None)
    scheduled = Schedule(
        id=words[:8], kind="reminder", text=words, when=Once(at=now), zone="UTC", place=place, created_at=now
    )
    await schedules.add(pool, scheduled)
    await runs.begin(pool, Due(schedule_id=scheduled.id, at=now), owner)
    tool = OfferedTool(name=f"{words}_search", hash="h", effect=Effect.READ, risk=Risk.LOOK, timeout_s=1, queue="clara")
    await offers.pin(pool, turn_id, (tool,))
    await chat.keep(pool, f"{turn_id}/0/c1", turn_id, "send_embed", {"title": words}, timedelta(minutes=1))
    await discord.claim(pool, action_id(f"{turn_id}/0/c1"), 0)
    await sandbox.box_of(pool, owner)
    await _install(pool, owner, words)
    question = elicitation.Question(message=words)
    asked_in, limit = (turn_id, 0, "c1"), timedelta(days=1)
    await plugin_questions.ask(pool, uuid4().hex, asked_in, owner, words, question, limit)
    for reference in (f"{words}/1", f"{words}/2"):
        await accounts.propose(pool, reference, owner, "github", "", b"sealed")
    await accounts.accept(pool, f"{words}/1", words, "", ())
    signing_in = SignIn(uuid4().hex, owner, "google", b"sealed", words, None)
    await sign_ins.begin(pool, signing_in, timedelta(minutes=10))
    await sandbox.begin(pool, f"{turn_id}/0/c1", owner, f"discord/{channel}", "t", 1)
    named = ConversationKey(platform="cli", channel=f"{owner.partition(':')[2]}/plans")
    await conversations.set_project(pool, named, words)
    return turn_id


async def _install(pool: Pool, owner: Owner, words: str) -> None:
    """A plugin of theirs, and one that they have installed for everybody."""
    for whose in (owner, EVERYBODY):
        plugin = Plugin(
            id=uuid4().hex[:16], owner=whose, name=uuid4().hex, kind="npm", source="a-package", installed_by=owner
        )
        assert await plugins.add(pool, plugin)
        await plugins.record_tools(pool, plugin.id, [PluginTool(plugin_id=plugin.id, name="look")])
        await plugins.seal(pool, plugin.id, owner, words, b"sealed")
        await plugins.count(pool, plugin.id, owner, words, False, 1)
        await plugins.claim_box(pool, uuid4().hex, plugin.id, owner)
        await logins.keep(pool, plugin.id, owner, words.encode(), None)
        begun = Pending(uuid4().hex, plugin.id, plugin.name, owner, words.encode(), words, None, None)
        assert await logins.begin(pool, begun, timedelta(minutes=1))


async def _keep_file(pool: Pool, owner: Owner, words: str, turn_id: str) -> None:
    """One whose bytes are in S3."""
    draft = FileDraft(uuid4(), f"{turn_id}/0/c1", f"{words}.txt", "text/plain", 1, words, True, Provenance.PERSON)

    async def place(_: Connection) -> Location:
        return Location(bucket="bucket", object=f"files/{draft.id}")

    async with pool.connection() as connection, connection.transaction():
        await kept.reserve(connection, owner, draft, place, 10, turn_id)
