"""Record the histories of scheduled runs, and of accounts that are connected in a browser: see ``record``."""

from temporalio import activity
from temporalio.client import Client

from clara.accounts import SignInOutcome, SignInRequest
from clara.errors import ToolFailed
from clara.schedules.schedule import Begun, Due, Ran
from temporal import schedules as planning
from temporal.contracts.accounts import AccountSignIns
from temporal.contracts.schedules import Schedules
from temporal.starting import accounts as connecting
from tests.conftest import StartWorker
from tests.replay.recorded import closed, only_of, record


class QuietSchedules(Schedules):
    """One schedule that reminds, one whose command works, and one whose command cannot be run."""

    @activity.defn(name="schedules.begin")
    async def begin(self, due: Due) -> Begun:
        return Begun() if due.schedule_id == "reminder" else Begun(command=True, timeout_s=10)

    @activity.defn(name="schedules.command")
    async def command(self, due: Due) -> Ran:
        if due.schedule_id == "file-broken":
            raise ToolFailed("It could not be begun.")
        return Ran(state="done", said="made")

    @activity.defn(name="schedules.end")
    async def end(self, due: Due, ran: Ran) -> None:
        return None


class QuietSignIns(AccountSignIns):
    @activity.defn(name="accounts.begin")
    async def begin(self, request: SignInRequest) -> SignInOutcome:
        return SignInOutcome(done=True, text="Open this in your browser.", sign_in_id="recorded")

    @activity.defn(name="accounts.finish")
    async def finish(self, sign_in_id: str) -> SignInOutcome:
        return SignInOutcome(done=True, text="You are connected.")

    @activity.defn(name="accounts.end")
    async def end(self, request: SignInRequest) -> SignInOutcome:
        raise ToolFailed("The service does not answer.")


async def test_record_schedules(client: Client, start_worker: StartWorker) -> None:
    does = QuietSchedules()
    async with start_worker([does.begin, does.command, does.end]):
        for id, name in (("reminder", "told"), ("file-good", "command"), ("file-broken", "command-failed")):
            await planning.run(client, id, "recorded")
            await record(client, f"scheduled-{name}", await closed(client, f"schedule-run/{id}/recorded"))


async def test_record_sign_ins(client: Client, start_worker: StartWorker) -> None:
    does, request = QuietSignIns(), SignInRequest(user_id="cli:ann", service="google")
    async with start_worker([does.begin, does.finish, does.end]):
        assert await connecting.finish(client, "recorded", "cli:ann")
        await record(client, "account-signed-in", "account-sign-in/recorded")
        for step, name in ((connecting.begin, "begun"), (connecting.end, "end-failed")):
            person = f"cli:sign-in-{name}"
            assert await step(client, request.model_copy(update={"user_id": person}))
            await record(client, f"account-sign-in-{name}", await only_of(client, person))
