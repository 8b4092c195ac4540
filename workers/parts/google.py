"""Google: its tools, for those who have an account, and the connecting of one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.files.keeping import KeptFiles
from activities.google import toolset
from activities.google.asking import Asking
from activities.google.client import Google
from workers.parts.accounts import opened_accounts, opened_sign_ins
from workers.parts.part import Share
from workers.services import Services


@asynccontextmanager
async def google(services: Services) -> AsyncIterator[Share]:
    settings = services.settings.google
    client, accounts, sign_ins = Google(settings.base_url or ""), opened_accounts(services), opened_sign_ins(services)
    ask, kept = Asking(client, accounts), KeptFiles(services.pool, services.settings.files)
    try:
        if not settings.client_id:
            yield Share(toolsets=(toolset.not_set_up(ask, sign_ins, kept),))
        else:
            yield Share(toolsets=(toolset.connecting(sign_ins), toolset.toolset(ask, accounts, kept)))
    finally:
        await client.close()
