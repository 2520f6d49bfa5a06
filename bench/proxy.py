"""microburst, a proxy between the functions and AWS: it counts their calls on the wire, and can slow them down."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tools.base.ports import free_port
from tools.base.problem import ProblemError
from tools.base.waiting import wait_for

COUNTED = re.compile(r'^microburst_faults_total\{service="\w+",operation="(\w+)",.*\} (\d+)$', re.MULTILINE)


@dataclass(frozen=True)
class Proxy:
    """A running proxy; `url` is what the functions take for AWS."""

    url: str

    def set_rules(self, rules: Sequence[dict[str, Any]]) -> None:
        """Put these rules in the place of those before, for DynamoDB and EventBridge both ("microburst", rules)."""
        every = [{"service": service, **rule} for service in ("dynamodb", "events") for rule in rules]
        httpx.post(f"{self.url}/_microburst/rules", json=every).raise_for_status()

    def count_from_now(self) -> Counter[str]:
        """Start to count calls by operation, and return the counts so far: compare them with `counted`."""
        # A rule that delays by nothing strikes each call, and microburst counts what is struck by operation.
        self.set_rules([{"probability": 1, "latency": 0}])
        return self.counted()

    def counted(self) -> Counter[str]:
        """Return the calls so far by the operation's name: `PutItem`, `PutEvents`."""
        told = httpx.get(f"{self.url}/_microburst/metrics").raise_for_status().text
        return sum((Counter({operation: int(count)}) for operation, count in COUNTED.findall(told)), Counter[str]())

    def answers(self) -> bool:
        """Return whether the proxy is up."""
        try:
            return httpx.get(f"{self.url}/_microburst/health").is_success
        except httpx.TransportError:
            return False


@contextmanager
def proxy_before(port: int) -> Iterator[Proxy]:
    """Run a proxy before whatever listens on this port of this machine, now or later."""
    own_port = free_port()
    microburst = Path(sys.executable).with_name("microburst")
    words = [str(microburst), "--upstream", f"http://127.0.0.1:{port}", "--port", str(own_port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            proxy = Proxy(f"http://127.0.0.1:{own_port}")
            if not wait_for(proxy.answers, seconds=20):
                raise ProblemError(f"microburst does not come up on port {own_port}")
            yield proxy
        finally:
            # It would wait a minute for the functions' open connections.
            process.kill()
