"""Random schedules: anything that may happen, in any order, told by Hypothesis."""

import os
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from saga.marks import Act
from tests.failing_examples import EXAMPLES
from tests.simulation.faulty_wire import NO_FAULT, Fault, Plan
from tests.simulation.shop import BODIES, WORLD, Shop
from tests.simulation.simulated_world import SimulatedWorld

MOST_SAGAS = 5
A_RUN_SHORT = timedelta(seconds=10)
JUMPS = [A_RUN_SHORT / 10, 2 * A_RUN_SHORT, timedelta(seconds=61), timedelta(minutes=5), timedelta(days=3)]

INTERVENTIONS = [(Act.STOP,), (Act.HOLD,), (Act.RELEASE,), (Act.HOLD, Act.STOP)]

any_of_them = st.integers(0, 11)
# What leaves the outside and the record apart is the most dangerous, hence the most frequent.
dangerous = [Fault.HELD_UP, Fault.HELD_UP, Fault.DIES_AFTER, Fault.DIES_AFTER, Fault.ANSWER_LOST, Fault.CONFLICT]
faults = st.sampled_from([*dangerous, *Fault])
calls = st.integers(1, 3)
one_fault: st.SearchStrategy[Plan] = st.builds(lambda call, fault: {call: fault}, calls, faults)
two_faults: st.SearchStrategy[Plan] = st.dictionaries(calls, faults, min_size=2, max_size=2)
plans = st.one_of(st.just(NO_FAULT), one_fault, one_fault, two_faults)
plans_of_recovery: st.SearchStrategy[Plan] = st.one_of(
    st.just(NO_FAULT), st.builds(lambda call, fault: {call: fault}, st.integers(1, 12), faults)
)


class Schedule(RuleBasedStateMachine):
    """One world, a few sagas, and everything that can go wrong with them."""

    schedules: ClassVar[int] = 0
    faults: ClassVar[int] = 0
    sagas: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = SimulatedWorld(**WORLD).__enter__()

    @initialize(bodies=st.lists(BODIES, min_size=1, max_size=3), events=st.integers(0, 6))
    def some_sagas_are_under_way(self, bodies: list[dict[str, Any]], events: int) -> None:
        for body in bodies:
            self.a_client_starts_one(body, None, NO_FAULT)
        for _ in range(min(events, len(self.world.queue))):
            self.world.deliver(self.world.queue[0])

    @precondition(lambda self: len(self.world.records()) < MOST_SAGAS)
    @rule(body=BODIES, key=st.sampled_from([None, "key-1", "key-2"]), plan=plans)
    def a_client_starts_one(self, body: dict[str, Any], key: str | None, plan: Plan) -> None:
        self.world.post(body, key, plan)

    @precondition(lambda self: self.world.queue)
    @rule(which=any_of_them, plan=plans)
    def an_event_is_delivered(self, which: int, plan: Plan) -> None:
        self.world.deliver(self.world.queue[which % len(self.world.queue)], plan)

    @precondition(lambda self: self.world.queue)
    @rule(count=st.integers(1, 6))
    def all_goes_well_for_a_while(self, count: int) -> None:
        for _ in range(min(count, len(self.world.queue))):
            self.world.deliver(self.world.queue[0])

    @precondition(lambda self: self.world.queue)
    @rule(which=any_of_them, call=calls)
    def a_function_is_held_up_across_its_deadline(self, which: int, call: int) -> None:
        delivery = self.world.queue[which % len(self.world.queue)]
        record = self.world.records()[delivery.published.key]
        left = record.created_at + self.world.deadline - self.world.clock.time
        if left > A_RUN_SHORT:
            self.world.wait(left - A_RUN_SHORT)
            self.world.deliver(delivery, {call: Fault.HELD_UP})
            self.world.wait(2 * A_RUN_SHORT)

    @precondition(lambda self: self.world.bus.published)
    @rule(which=any_of_them, plan=plans)
    def an_event_is_repeated(self, which: int, plan: Plan) -> None:
        published = self.world.bus.published[which % len(self.world.bus.published)]
        for function in published.consumers:
            self.world.deliver(self.world.repeat(published, function), plan)

    @precondition(lambda self: self.world.held_up)
    @rule(which=any_of_them)
    def a_function_goes_on(self, which: int) -> None:
        self.world.resume(which % len(self.world.held_up))

    @rule(plan=plans_of_recovery, hurried=st.booleans())
    def recovery_runs(self, plan: Plan, hurried: bool) -> None:  # noqa: FBT001  Hypothesis hands it over by name
        self.world.recover(plan, hurried=hurried)

    @precondition(lambda self: bool(Shop.ACTS and self.world.records()))
    @rule(act=st.sampled_from(sorted(Shop.ACTS) or [""]), which=any_of_them, plan=plans)
    def something_happens_outside(self, act: str, which: int, plan: Plan) -> None:
        Shop.ACTS[act](self.world, which, plan)

    @precondition(lambda self: self.world.records())
    @rule(acts=st.sampled_from(INTERVENTIONS), which=any_of_them, plan=plans)
    def somebody_intervenes(self, acts: tuple[Act, ...], which: int, plan: Plan) -> None:
        keys = sorted(self.world.records())
        self.world.mark(*acts, key=keys[which % len(keys)], plan=plan)

    @rule(time=st.sampled_from(JUMPS))
    def time_passes(self, time: timedelta) -> None:
        self.world.wait(time)

    @rule(name=st.sampled_from(sorted(Shop.PROVIDERS)))
    def a_provider_goes_down_or_comes_back(self, name: str) -> None:
        provider = self.world.shop.providers[name]
        provider.down = not provider.down
        self.world.tell(f"the {name} {'goes down' if provider.down else 'comes back'}")

    def teardown(self) -> None:
        with self.world:
            if not self.world.broken:
                self.world.settle()
        type(self).schedules += 1
        type(self).faults += self.world.faults
        type(self).sagas += len(self.world.records())


def run(schedules: int, seed_of_all: str, *, shrinking: bool = True, of: type[Schedule] = Schedule) -> type[Schedule]:
    """Run this many random schedules; return what was counted. The same seed gives the same schedules.

    A schedule that fails is shrunk and kept, and the failure says how to replay it; without `shrinking`, as in a proof
    that is to fail, it is neither.
    """

    class Counted(of):  # type: ignore[valid-type, misc]  # a class for each run: it counts
        pass

    try:
        run_state_machine_as_test(
            seed(seed_of_all)(Counted),
            settings=settings(
                max_examples=schedules,
                stateful_step_count=24,
                deadline=None,
                database=EXAMPLES if shrinking else None,
                derandomize=False,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.reuse, Phase.generate, Phase.shrink] if shrinking else [Phase.generate],
            ),
        )
    except AssertionError as failure:
        failure.add_note(f"To replay it: {replay()}")
        raise
    return Counted


def replay() -> str:
    """Return the command that runs the test that runs now once more; it begins with what failed."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" (")[0]
    given = [f"{name}={os.environ[name]}" for name in ("SCHEDULES", "SCHEDULES_SEED") if name in os.environ]
    return " ".join(["make test", *given, f"ARGS='{test}'"])
