"""Hands what happens to all pages that are open, by server-sent events.

Threads push, the server's loop sends. A page first gets the whole state, then what changes; what came together is sent
together. A page that is too slow for what happens gets the whole state again, instead of a queue that grows.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from threading import Lock
from typing import Any

Item = dict[str, Any]
"""Something that happened, by its `kind`."""
MOST = 2_000
"""Items that wait for a page, at the most."""
TOGETHER = 0.1
"""Seconds for which items are gathered."""
MOST_PAGES = 4
"""Pages at once: a browser has six connections to one server (HTTP/1.1), and needs some for more than streams."""
BEAT = 10.0
"""Seconds after which a page is told that there is nothing new, so that both sides notice a broken line."""


class Hub:
    """The pages that are open."""

    def __init__(self, state: Callable[[], Item]) -> None:
        self._state = state
        self._pages: dict[_Page, None] = {}
        """The pages, those that came first at the beginning."""
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def watched(self) -> bool:
        """Whether a page is open."""
        return bool(self._pages)

    def push(self, kind: str, **item: Any) -> None:
        """Hand an item to all pages; any thread may."""
        with self._lock:
            for page in self._pages:
                page.items.append({"kind": kind, **item})
            if self._pages and self._loop:
                self._loop.call_soon_threadsafe(self._wake)

    def close(self) -> None:
        """End all streams."""
        with self._lock:
            for page in self._pages:
                page.ended = True
            if self._pages and self._loop:
                self._loop.call_soon_threadsafe(self._wake)

    async def stream(self) -> AsyncIterator[str]:
        """Yield what one page is sent, until it goes, or is one too many: the oldest pauses then."""
        page = _Page()
        with self._lock:
            self._loop = asyncio.get_running_loop()
            if len(self._pages) >= MOST_PAGES:
                self._pause(next(iter(self._pages)))
            self._pages[page] = None
        try:
            yield await self._whole()
            while not page.ended:
                try:
                    await asyncio.wait_for(page.news.wait(), BEAT)
                except TimeoutError:
                    yield _message([])
                    continue
                await asyncio.sleep(TOGETHER)
                items = page.take()
                yield await self._whole() if len(items) == MOST else _message(items)
            if page.paused:
                # Whatever else it was to get: without this word it would connect again, and pause another.
                yield _message([{"kind": "paused"}])
        finally:
            with self._lock:
                self._pages.pop(page, None)

    def _pause(self, page: "_Page") -> None:
        del self._pages[page]
        page.ended = page.paused = True
        page.news.set()

    async def _whole(self) -> str:
        return _message([{"kind": "state", **await asyncio.to_thread(self._state)}])

    def _wake(self) -> None:
        for page in tuple(self._pages):
            page.news.set()


class _Page:
    def __init__(self) -> None:
        self.items: deque[Item] = deque(maxlen=MOST)
        self.news = asyncio.Event()
        self.ended = False
        self.paused = False

    def take(self) -> list[Item]:
        self.news.clear()
        # One by one: meanwhile threads may push.
        return [self.items.popleft() for _ in range(len(self.items))]


def _message(items: list[Item]) -> str:
    return f"data: {json.dumps(items, default=str)}\n\n"
