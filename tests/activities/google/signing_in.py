"""People who connect accounts with a loopback Google, and workers that share the store and nothing else."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from activities.accounts.accounts import ConnectedAccounts, Installations
from activities.accounts.provider import Provider, Tokens
from activities.accounts.signing_in import SignIns
from activities.google.provider import provider
from clara.settings.google import GoogleSettings
from store import sign_ins
from store.database import Pool
from store.sealing import Keys, Sealer
from tests.loopback.google.oauth import CLIENT_ID, CLIENT_SECRET, GoogleLogin

CALLBACK = "http://127.0.0.1:1/oauth/callback"


def at_google(url: str) -> Provider:
    names = {"GOOGLE_CLIENT_ID": CLIENT_ID, "GOOGLE_CLIENT_SECRET": CLIENT_SECRET, "GOOGLE_BASE_URL": url}
    made = provider(GoogleSettings.model_validate(names))
    assert made is not None
    return made


class Worker:
    def __init__(self, pool: Pool, home: Path, url: str) -> None:
        sealer, google = Sealer(Keys(home)), at_google(url)
        self.pool = pool
        self.sealer = sealer
        self.sign_ins = SignIns(pool, sealer, CALLBACK, {"google": google})
        renewed = {google.service: Tokens(pool, sealer, google)}
        self.accounts = ConnectedAccounts(pool, sealer, Installations({}, ()), renewed)

    async def begun(self, user_id: str) -> str:
        """The address."""
        return (await self.sign_ins.begin(user_id, "google", None)).url

    async def back(self, address: str) -> str:
        """The browser comes back, and the person says that it was they; what they are told."""
        answer = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        id = answer["state"].partition(".")[0]
        brought = {name: value for name, value in answer.items() if name in ("code", "state", "iss", "error")}
        await sign_ins.bring(self.pool, id, brought)
        return (await self.sign_ins.finish(id))[1]

    async def connect(self, login: GoogleLogin, user_id: str, account: str, unticked: tuple[str, ...] = ()) -> str:
        return await self.back(login.says_yes(await self.begun(user_id), account, unticked))

    async def token(self, user_id: str) -> str:
        return (await self.accounts.access(user_id, "google")).token
