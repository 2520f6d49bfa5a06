"""Serves Stripe at hand in a thread of this process, so that a test may read its books and bend its rules directly."""

import asyncio
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from aiohttp import web
from localstripe import resources
from localstripe.resources import Store, store

from tests.stripe_at_hand.rules import Rules

with warnings.catch_warnings():
    # Its routes are plain functions, which aiohttp would rather not have.
    warnings.simplefilter("ignore", DeprecationWarning)
    from localstripe.server import app as localstripe

HOST = "127.0.0.1"


@contextmanager
def serving(port: int = 0) -> Iterator[tuple[str, Rules]]:
    """Serve until the end of the block; the URL to call, and the rules. Once a process: localstripe is one object."""
    Store.dump_to_disk = lambda _store: None  # it would write into /tmp at each change
    store.clear()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stripe", daemon=True)
    thread.start()
    runners: list[web.AppRunner] = []

    async def serve(app: web.Application, port: int) -> str:
        # It would wait a minute for the connections that clients keep open.
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, HOST, port)
        await site.start()
        return f"http://{HOST}:{runner.addresses[0][1]}"

    async def start() -> tuple[str, Rules]:
        rules = Rules(await serve(localstripe, 0))
        resources.asyncio = SimpleNamespace(sleep=rules.until_the_banks_answer, ensure_future=asyncio.ensure_future)
        layer = web.Application()
        layer.router.add_route("*", "/{path:.*}", rules.handle)
        return await serve(layer, port), rules

    async def stop() -> None:
        for runner in reversed(runners):
            await runner.cleanup()
        # Webhooks wait for a second before they are sent.
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        store.clear()
