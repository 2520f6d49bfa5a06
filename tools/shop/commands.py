"""The commands of the shop. Each imports what it uses when it runs."""

import shlex
from typing import Annotated

import typer

from tools.base.console import console
from tools.base.problem import ProblemError
from tools.base.stack import Stack
from tools.base.target import Target

app = typer.Typer()


@app.command("demo")
def _demo() -> None:
    """Bring everything up and run three orders through it."""
    from tools.shop import demo

    demo.run(Target.to_write("deploys and runs three orders on"))


@app.command("trigger")
def _trigger(name: Annotated[str, typer.Argument(help="Its name, as in `make trigger-happy`.")]) -> None:
    """Place an order, follow it to its end, and check that the end is the promised one."""
    from tools.operating import timeline
    from tools.shop import triggers

    if name not in triggers.TRIGGERS:
        raise ProblemError(f"there is no trigger {name}: choose one of {', '.join(triggers.TRIGGERS)}")
    timeline.show_record(triggers.pull(name, Stack.of(Target.to_write("places an order on"))))


@app.command("order")
def _order(customer: str = "CUST-1", sku: str = "BOOK", quantity: int = 1, amount: int = 4200) -> None:
    """Place an order of your own, and follow it to its end; the amount is in cents."""
    from tools.operating import timeline
    from tools.shop import triggers

    order = {"customerId": customer, "sku": sku, "quantity": quantity, "amount": amount, "currency": "USD"}
    timeline.show_record(triggers.place(order, Stack.of(Target.to_write("places an order on"))))


@app.command("cancel")
def _cancel(order_id: Annotated[str, typer.Argument(help="Its id, as the API gave it.")]) -> None:
    """Cancel an order, as its customer does."""
    from tools.shop.cancelling import cancel

    said = cancel(Stack.of(Target.to_write("cancels an order of")), order_id)
    console.print(f"order {order_id} is cancelled; it stands at {said['status']}", soft_wrap=True)


@app.command("trigger-cancel")
def _trigger_cancel() -> None:
    """Place an order that waits for its customer, cancel it in flight, and show what was undone."""
    from tools.operating import timeline
    from tools.shop import cancelling

    record = cancelling.pull(Stack.of(Target.to_write("places an order on")))
    timeline.show_record(record)
    for what in cancelling.undone(record):
        console.print(what, soft_wrap=True)


@app.command("load")
def _load(
    rate: Annotated[float, typer.Option(min=0.1, max=100, help="Orders a second.")] = 10,
    minutes: Annotated[float, typer.Option(min=0.01, max=60)] = 5,
) -> None:
    """Place orders at a steady rate, and print how long they took."""
    from tools.shop import load

    load.run(Stack.of(Target.to_write("places orders at a steady rate on")), rate, minutes)


@app.command("outage")
def _outage(
    rate: Annotated[float, typer.Option(help="Orders a second.")] = 10,
    minutes: Annotated[float, typer.Option(help="How long the provider is away.")] = 60,
    kind: Annotated[str, typer.Option(help="hang, refuse, slow, flaky, or all of them.")] = "hang",
    before: Annotated[str, typer.Option(help="A commit to run the same with.")] = "",
    *,
    write: Annotated[bool, typer.Option(help="Write docs/outages.md anew.")] = False,
) -> None:
    """Let the payment provider be away in the model of AWS."""
    from tools.project import checking

    words = f"--rate {rate} --minutes {minutes} --kind {shlex.quote(kind)}"
    words += f" --before {shlex.quote(before)}" if before else ""
    checking.run(f"python -m tests.simulation.shop.outage {words}{' --write' if write else ''}")


@app.command("reconcile")
def _reconcile(
    start: Annotated[str, typer.Option("--from", help="The first payments, as in 2026-01-31T00:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="Up to these, as in 2026-02-01T00:00:00Z.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Compare the payment provider's books with the orders; exit with 1 if any disagree. It writes nothing."""
    from tools.base.console import counting, problems
    from tools.shop import reconciling

    stack = Stack.of(Target.from_environment())
    times = reconciling.time_of(start), reconciling.time_of(end)
    with counting("reading records") as progress:
        reconciler = reconciling.Reconciler(stack, reconciling.ledger_of(stack), progress)
        problems.print(reconciler.cost(), soft_wrap=True)
        found = reconciler.compare(*times)
    if as_json:
        console.write(found.json_text())
    else:
        reconciling.show(found)
    if found.findings:
        raise typer.Exit(1)


@app.command("poison")
def _poison() -> None:
    """Publish a malformed event, and show it arrive in the dead-letter queue."""
    from tools.operating.letter_printing import show
    from tools.shop import poison

    show(poison.send(Stack.of(Target.to_write("publishes a malformed event on"))))


@app.command("stock")
def _stock(*, fill: Annotated[bool, typer.Option(help="Fill the shelves first.")] = False) -> None:
    """Print the stock."""
    from tools.shop import stock
    from tools.shop.seed import seed

    stack = Stack.of(Target.to_write("overwrites the stock of") if fill else Target.from_environment())
    if fill:
        seed(stack)
    stock.show(stack)


@app.command("example-loyalty")
def _example_loyalty() -> None:
    """Deploy the example of a consumer in another stack, and show that an order awards points once."""
    from tools.shop import loyalty

    loyalty.show(Stack.of(Target.from_environment()))


@app.command("cost")
def _cost() -> None:
    """Print what a million orders cost on AWS."""
    from tools.shop import cost

    console.print(cost.table())
