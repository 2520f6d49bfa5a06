"""What a person does by the console, to orders and to the stack. Each is asked for by name, with what it needs."""

import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError

from contract import Saga
from saga.clock import now
from saga.marks import Act
from saga.record import Record
from saga.table import from_item, to_item
from tools.base.events import KEY, NOUN, RECORDS_TABLE
from tools.base.problem import ProblemError
from tools.console.feed import Feed
from tools.console.stream import Stream
from tools.console.switches import Switches
from tools.operating import recovery
from tools.operating.dead_letters import DeadLetterQueue, Selection
from tools.operating.interventions import Operator
from tools.operating.publishing import publish
from tools.shop import api
from tools.shop.panel import Panel
from tools.shop.seed import seed
from tools.shop.ways import TRIGGERS

Said = Mapping[str, Any]
STILL = timedelta(seconds=2)
"""How long an order makes no progress that is brought on its way by hand."""
SELECTED = ("key", "function", "event", "error")
"""What says which dead letters are meant."""
MOST = 500
AT_ONCE = 8


class Actions:
    """All actions on one stack; `allowed` is False where the console only looks."""

    def __init__(
        self, feed: Feed, *, allowed: bool, switches: Switches | None = None, panel: Panel | None = None
    ) -> None:
        self._feed, self._switches, self._panel = feed, switches, panel
        self.allowed = allowed
        self.stream = Stream(lambda: self._post(random.choice(list(TRIGGERS.values())).body))  # noqa: S311  no secret
        self._by_name: dict[str, Callable[[Said], Any]] = {
            "place": self._place,
            "stream": self._stream,
            "redrive": self._redrive,
            "publish": self._publish,
            "cancel": self._cancel,
            "hold": partial(self._intervene, Act.HOLD),
            "release": partial(self._intervene, Act.RELEASE),
            "give-up": partial(self._intervene, Act.STOP),
            "recover": self._recover,
            "fill": self._fill,
            "switch": self._switch,
            "back": self._back,
            "anew": self._anew,
        }

    def do(self, name: str, said: Said) -> Any:
        """Do it, and return what became of it. Raises `ProblemError` if it is not allowed or not possible."""
        if name not in self._by_name:
            raise ProblemError(f"there is no action {name}")
        if not self.allowed:
            raise ProblemError("this console only looks: start it with ACTIONS=yes to act on AWS")
        target = self._feed.target
        if target.is_production and said.get("confirm") != target.stack_name:
            raise ProblemError(f"this changes {target.stack_name}: to confirm, type its name")
        return self._by_name[name](said)

    def _place(self, said: Said) -> Any:
        if (case := said.get("case")) is not None:
            if not isinstance(case, str) or case not in TRIGGERS:
                raise ProblemError(f"there is no case {case}")
            return self._post(TRIGGERS[case].body)
        return self._post(_object(said.get("body")))

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        answer = api.place(self._feed.stack, body)
        if answer.status_code != HTTPStatus.CREATED:
            raise ProblemError(f"the {NOUN} was not taken: {answer.status_code} {answer.text}")
        return {KEY: answer.json()[KEY]}

    def _stream(self, said: Said) -> Any:
        rate = said.get("rate")
        if not isinstance(rate, int | float) or isinstance(rate, bool):
            raise ProblemError("a rate is a number")
        self.stream.run_at(float(rate))
        self._feed.hub.push("stream", stream=self.stream.state())
        return self.stream.state()

    def _redrive(self, said: Said) -> Any:
        """Redrive the dead letters of one order, those of one cause, or all."""
        meant = {name: value for name in SELECTED if isinstance(value := said.get(name), str)}
        with self._feed.queue_lock:
            fates = DeadLetterQueue(self._feed.stack).redrive(
                Selection(meant.get("key"), meant.get("function"), None, meant.get("event"), meant.get("error"))
            )
        self._feed.read_letters()
        return {
            "fates": [{"event": letter.detail_type, "key": letter.order_id, "fate": fate} for letter, fate in fates]
        }

    def _publish(self, said: Said) -> Any:
        stack, key = self._feed.stack, str(said.get("key"))
        item = (
            stack.client("dynamodb")
            .get_item(TableName=stack.output(RECORDS_TABLE), Key=to_item({KEY: key}), ConsistentRead=True)
            .get("Item")
        )
        if item is None:
            raise ProblemError(f"there is no {NOUN} {key}")
        try:
            event = Record.from_item(from_item(item), Saga).event()
        except (KeyError, ValidationError):
            raise ProblemError(f"the record of {NOUN} {key} makes no event: see the runbook") from None
        return {"event": event.detail_type, "id": publish(stack, event.detail_type, event.detail())}

    def _cancel(self, said: Said) -> Any:
        """Cancel it through the API, as who asked for it does."""
        return api.cancel(self._feed.stack, str(said.get("key")))

    def _intervene(self, act: Act, said: Said) -> Any:
        """Mark an order, with a reason for its record. Raises `ProblemError` without one, or if it is refused."""
        why = said.get("why")
        if not isinstance(why, str) or not why.strip():
            raise ProblemError("say why: it is kept in the record's marks")
        (outcome,) = Operator(self._feed.stack).intervene(act, why.strip(), [str(said.get("key"))])
        if not outcome.done:
            raise ProblemError(f"{NOUN} {outcome.order_id}: {outcome.said}")
        return {"said": outcome.said}

    def _recover(self, _: Said) -> Any:
        """Run recovery, and do the same for what is too young for it: who asks by hand would wait another minute."""
        recovered = recovery.run(self._feed.stack).recovered
        young = self._feed.board.quiet_since(now() - STILL)[:MOST]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return {"recovered": recovered + sum(pool.map(self._brought, young))}

    def _brought(self, key: str) -> bool:
        try:
            self._publish({"key": key})
        except ProblemError:
            return False
        return True

    def _fill(self, _: Said) -> Any:
        seed(self._feed.stack)
        return self._anew({})

    def _anew(self, _: Said) -> Any:
        if self._panel:
            self._panel.begin_anew()
        return {}

    def _switch(self, said: Said) -> Any:
        switches = self._there_are_switches()
        switches.turn(self._feed.stack, str(said.get("name")), str(said.get("to", "")))
        return self._told(switches)

    def _back(self, _: Said) -> Any:
        switches = self._there_are_switches()
        switches.back(self._feed.stack)
        return self._told(switches)

    def _told(self, switches: Switches) -> Any:
        self._feed.hub.push("switches", switches=switches.state())
        return {}

    def _there_are_switches(self) -> Switches:
        if self._switches is None:
            raise ProblemError("only what runs on the embedded emulator can be broken")
        return self._switches


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProblemError("what to place is a JSON object")
    return value
