"""The console in a real browser, on the deployed stack: what a person sees, breaks, and watches heal."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Served, Shoot, browser, opened, served
from tests.e2e.letters import arrived
from tests.e2e.test_dead_letters import stored
from tests.e2e.test_watch import left_behind
from tools.base.ports import free_port
from tools.base.stack import Stack
from tools.base.target import Target
from tools.base.waiting import wait_for
from tools.console.hub import MOST_PAGES
from tools.emulator.embedded import Emulator
from tools.operating import recovery
from tools.operating.dead_letters import DeadLetterQueue
from tools.operating.following import follow
from tools.operating.publishing import publish
from tools.shop import api, seed
from tools.shop.cancelling import WHO_NEVER_PAYS
from tools.shop.ways import TRIGGERS

pytestmark = pytest.mark.slow

MARKUP = "<img src=x onerror=alert(1)>\"'&amp;<script>alert(2)</script>"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture(scope="module")
def console(stack: Stack, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    seed.seed(stack)
    with served(stack.target, tmp_path_factory.mktemp("claims"), emulator) as running:
        yield running
    assert left_behind(stack) == []
    stack.client("sqs").purge_queue(QueueUrl=stack.output("DeadLetterQueueUrl"))


@pytest.fixture
def page(chrome: Browser, console: Served) -> Iterator[Page]:
    with opened(chrome, console.url) as page:
        expect(page.locator("#status")).to_have_text("live")
        page.locator("#picture").wait_for()
        yield page


@pytest.fixture
def shoot(pytestconfig: pytest.Config) -> Shoot:
    """Keep a picture for the docs, if `--screenshots` names a folder."""
    folder = pytestconfig.getoption("--screenshots")

    def keep(page: Page, name: str) -> None:
        if folder:
            picture = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
            picture.save(Path(folder) / f"{name}.png", optimize=True)

    return keep


def place(page: Page, case: str) -> str:
    """Place an order by its button, and return its id."""
    with page.expect_response(re.compile("/do/place$")) as answer:
        page.locator(f"[data-case={case}]").click()
    order_id: str = answer.value.json()["orderId"]
    return order_id


def row(order_id: str) -> str:
    return f"tr:has(a[href='#/orders/{order_id}'])"


def turn(page: Page, switch: str, to: str) -> None:
    with page.expect_response(re.compile("/do/switch$")):
        page.locator(f"[data-switch='{switch}']").get_by_text(to, exact=True).click()


def all_is_right(page: Page) -> None:
    expect(page.locator(".sums article.right")).to_have_count(2)
    expect(page.locator(".sums article.wrong")).to_have_count(0)


def test_each_known_case_is_placed_by_its_button_and_ends_on_the_page(
    page: Page, console: Served, stack: Stack, shoot: Shoot
) -> None:
    placed = {place(page, case): trigger.promises for case, trigger in TRIGGERS.items()}
    assert wait_for(lambda: nothing_in_flight(console, stack), seconds=60, every=1)
    expect(page.locator("#node-InventoryReleased .badge.ended text")).to_have_text(re.compile(r"^[3-9]"))
    expect(page.locator("#node-PaymentFailed")).to_have_class(re.compile("lately"))
    all_is_right(page)
    shoot(page, "flow")
    page.get_by_role("link", name="Orders", exact=True).click()
    for order_id, promises in placed.items():
        expect(page.locator(row(order_id))).to_contain_text(promises["status"])
        if "failureReason" in promises:
            expect(page.locator(row(order_id))).to_contain_text(promises["failureReason"])
    page.get_by_role("searchbox").fill("chargeback")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_the_story_of_an_order_tells_each_step_with_its_payload_its_record_and_its_lines(
    page: Page, stack: Stack, shoot: Shoot
) -> None:
    order_id = place(page, "undeliverable")
    follow(order_id, stack)
    page.evaluate(f"location.hash = '#/orders/{order_id}'")
    steps = ["ReserveInventory", "ChargePayment", "NotifyShipping", "RefundPayment", "ReleaseInventory"]
    for step in steps:
        expect(page.locator(".timeline")).to_contain_text(step)
    expect(page.locator(".standing")).to_contain_text("INVENTORY_RELEASED")
    shoot(page, "story")
    page.locator(".payload summary", has_text="ShippingFailed").first.click()
    expect(page.locator(".payload[open] pre")).to_contain_text('"failureReason": "address undeliverable"')
    page.get_by_text("The record, as JSON").click()
    expect(page.locator("details[data-name=record] pre")).to_contain_text(f'"orderId": "{order_id}"')
    page.get_by_text("Its log lines").click()
    expect(page.locator("details[data-name=logs] pre")).to_contain_text('"consumed":"PaymentRefunded"')


def test_an_order_of_ones_own_is_placed_by_a_form_and_a_bad_one_is_told_why(page: Page) -> None:
    page.get_by_text("a custom order").click()
    page.get_by_label("sku").fill("LAMP")
    page.get_by_role("button", name="Place this order").click()
    expect(page.locator(".toast")).to_contain_text("placed order")
    page.get_by_label("quantity").fill("0")
    page.get_by_role("button", name="Place this order").click()
    expect(page.locator(".toast.wrong")).to_contain_text("quantity")


def test_the_payment_provider_breaks_and_the_orders_wait_and_heal(
    page: Page, console: Served, stack: Stack, shoot: Shoot
) -> None:
    # The order of the test before may still be on its way.
    assert wait_for(lambda: nothing_in_flight(console, stack), seconds=60, every=1)
    turn(page, "payments.provider", "hangs")
    hung = [place(page, "happy") for _ in range(3)]
    expect(page.locator("#node-ChargePayment .badge.failed, #node-ChargePayment .badge.deferred").first).to_be_visible()
    expect(page.locator("#node-InventoryReserved .badge.count text")).to_have_text("3")
    all_is_right(page)
    shoot(page, "broken")
    page.evaluate("location.hash = '#/shelves'")
    expect(page.locator("tr", has_text="BOOK").locator("td").last).to_have_text("3")
    page.evaluate("location.hash = '#/'")
    turn(page, "payments.provider", "500")
    hung.append(place(page, "happy"))
    page.get_by_role("button", name="Restore everything").click()
    expect(page.locator("#breaking")).not_to_have_class(re.compile("broken"))
    assert wait_for(lambda: nothing_in_flight(console, stack), seconds=60, every=1)
    page.evaluate("location.hash = '#/orders'")
    for order_id in hung:
        expect(page.locator(row(order_id))).to_contain_text("SHIPPING_SCHEDULED")
    page.evaluate("location.hash = '#/'")
    expect(page.locator("#node-InventoryReserved .badge.count.none")).to_be_attached()
    all_is_right(page)
    shoot(page, "healed")


def test_with_everything_broken_at_once_no_piece_and_no_cent_is_lost(page: Page, console: Served, stack: Stack) -> None:
    for switch, to in {"aws": "a third fails", "lost": "a third is lost", "twice": "twice, out of order"}.items():
        turn(page, switch, to)
    turn(page, "shipping.provider", "refuses")
    page.get_by_label("Permissions").select_option("ReleaseInventory")
    for case in ("happy", "undeliverable", "happy", "decline", "pays-later"):
        page.locator(f"[data-case={case}]").click()
    expect(page.locator("#breaking small")).to_contain_text("AWS calls failed on purpose")
    page.get_by_role("button", name="Restore everything").click()
    expect(page.get_by_label("Permissions")).to_have_value("")
    assert wait_for(lambda: nothing_in_flight(console, stack), seconds=60, every=1)
    all_is_right(page)


def nothing_in_flight(console: Served, stack: Stack) -> bool:
    """Run recovery by the console, and return whether all orders have ended."""
    console.console.actions.do("recover", {})
    return all("inFlight" not in order for order in stack.records.scan()["Items"])


def test_recovery_can_be_off_and_runs_again(page: Page, stack: Stack) -> None:
    def states() -> set[str]:
        rules = stack.client("events").list_rules()["Rules"]
        return {rule["State"] for rule in rules if "ScheduleExpression" in rule}

    turn(page, "recovery", "is off")
    assert states() == {"DISABLED"}
    turn(page, "recovery", "runs")
    assert states() == {"ENABLED"}


def test_a_poison_event_is_shown_where_it_came_from_and_redriven(page: Page, stack: Stack) -> None:
    created = stored(stack, "BOOK")
    publish(stack, "OrderCreated", json.dumps({"orderId": created.order_id, "note": MARKUP}))
    assert arrived(created.order_id, DeadLetterQueue(stack))
    expect(page.locator("#node-ReserveInventory .badge.letters text")).to_contain_text("✉")
    page.locator("nav [data-name=letters]").click()
    letter = page.locator(f"li:has(a[href='#/orders/{created.order_id}'])")
    expect(letter).to_contain_text("malformed")
    letter.get_by_text("the event").click()
    expect(letter.locator("pre")).to_contain_text(MARKUP.replace('"', '\\"'))
    letter.get_by_role("button", name="Redrive").click()
    expect(page.locator(".toast")).to_contain_text("current event published instead")
    expect(letter).to_have_count(0)
    assert follow(created.order_id, stack)["status"] == "SHIPPING_SCHEDULED"


def test_dead_letters_of_one_cause_are_redriven_together_and_the_others_stay(page: Page, stack: Stack) -> None:
    alike = [stored(stack, "BOOK") for _ in range(2)]
    for created in alike:
        publish(stack, "OrderCreated", json.dumps({"orderId": created.order_id}))
    other = stored(stack, "BOOK")
    publish(stack, "PaymentCharged", json.dumps({"orderId": other.order_id}))
    for created in (*alike, other):
        assert arrived(created.order_id, DeadLetterQueue(stack))
    page.locator("nav [data-name=letters]").click()
    cause = page.locator("article.cause", has_text="OrderCreated at ReserveInventory")
    expect(cause.locator(".count")).to_contain_text("2")
    cause.get_by_role("button", name="Redrive these").click()
    expect(page.locator(".toast")).to_contain_text("2 current event published instead")
    expect(cause).to_have_count(0)
    expect(page.locator("article.cause")).to_contain_text(["PaymentCharged at NotifyShipping"])
    for created in alike:
        assert follow(created.order_id, stack)["status"] == "SHIPPING_SCHEDULED"


def test_a_person_holds_an_order_releases_it_and_cancels_it(page: Page, stack: Stack, shoot: Shoot) -> None:
    order_id = placed_to_wait(stack)
    page.evaluate(f"location.hash = '#/orders/{order_id}'")
    expect(page.locator(".standing")).to_contain_text("PAYMENT_PENDING")
    why = f"the customer called {MARKUP}"
    intervene(page, "Hold", why)
    expect(page.locator(".mark")).to_contain_text(["held at"])
    expect(page.locator(".mark .reason")).to_have_text([why])
    expect(page.locator(".standing")).to_contain_text("held")
    shoot(page, "held")
    intervene(page, "Release", "they agreed")
    expect(page.locator(".mark")).to_contain_text(["held at", "released at"])
    expect(page.locator(".standing")).not_to_contain_text("held")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.locator(".mark .reason")).to_have_text([why, "they agreed", "cancelled by the customer"])
    expect(page.locator(".actions button", has_text="Give up")).to_have_count(0)
    recovery.run(stack, order_id)
    follow(order_id, stack)
    expect(page.locator(".standing")).to_contain_text("INVENTORY_RELEASED")


def test_an_order_is_given_up_with_a_reason_and_without_one_it_goes_on(page: Page, stack: Stack) -> None:
    order_id = placed_to_wait(stack)
    page.evaluate(f"location.hash = '#/orders/{order_id}'")
    give_up = page.get_by_role("button", name="Give up", exact=True)
    give_up.click()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    give_up.click()
    page.get_by_role("dialog").get_by_role("button", name="Give up").click()
    expect(page.locator(".toast.wrong")).to_contain_text("say why")
    expect(page.locator(".mark")).to_have_count(0)
    intervene(page, "Give up", "fraud")
    expect(page.locator(".mark")).to_contain_text(["stopped at"])
    recovery.run(stack, order_id)
    assert follow(order_id, stack)["status"] == "INVENTORY_RELEASED"


def placed_to_wait(stack: Stack) -> str:
    """Place an order that waits at PAYMENT_PENDING, and return its id."""
    order_id: str = api.place(stack, TRIGGERS["pays-later"].body | {"customerId": WHO_NEVER_PAYS}).json()["orderId"]
    assert wait_for(lambda: api.get(stack, order_id)["status"] == "PAYMENT_PENDING", seconds=60, every=0.5)
    return order_id


def intervene(page: Page, action: str, why: str) -> None:
    """Press the button of an action, and say why."""
    page.locator(".actions").get_by_role("button", name=action, exact=True).click()
    page.get_by_role("dialog").get_by_label("Why").fill(why)
    page.get_by_role("dialog").get_by_role("button", name=action).click()


def test_markup_in_an_id_is_shown_as_what_it_is(page: Page, stack: Stack) -> None:
    created = stored(stack, "BOOK").model_copy(update={"order_id": MARKUP})
    record = {
        **created.fields(),
        "status": "INVENTORY_FAILED",
        "failureReason": MARKUP,
        "updatedAt": "2099-01-01T00:00:00.000Z",
    }
    history = [{"status": status, "at": "2099-01-01T00:00:00.000Z"} for status in ("CREATED", "INVENTORY_FAILED")]
    stack.records.put_item(Item={**record, "history": history})
    publish(stack, "InventoryFailed", json.dumps({**created.fields(), "failureReason": MARKUP}))
    page.get_by_role("link", name="Orders", exact=True).click()
    page.get_by_role("searchbox").fill("onerror")
    page.locator("tbody tr a", has_text=MARKUP).click()
    expect(page.locator("h1 code")).to_have_text(MARKUP)
    expect(page.locator(".timeline")).to_contain_text("INVENTORY_FAILED")
    assert page.locator("main img, main script").count() == 0
    stack.records.delete_item(Key={"orderId": MARKUP})


def test_an_order_that_is_not_there_is_told_in_a_line(page: Page) -> None:
    page.evaluate(f"location.hash = '#/orders/{uuid4()}'")
    expect(page.locator("main")).to_contain_text("there is no order")


def test_a_stream_runs_at_its_rate_until_it_is_stopped(page: Page, console: Served) -> None:
    slider = page.get_by_label("orders a second")
    slider.fill("5")
    expect(page.locator("#placing small")).to_contain_text(re.compile(r"[1-9]\d* placed"))
    slider.fill("0")
    expect(page.locator("#placing small")).to_have_text("")
    assert console.console.actions.stream.rate == 0


def test_a_hidden_tab_gives_its_connection_back_and_a_shown_one_is_current(page: Page, console: Served) -> None:
    def hide(hidden: str) -> None:
        page.evaluate(f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    hide("true")
    # The server notices at its next word.
    assert wait_for(lambda: not console.console.feed.hub.watched, seconds=20)
    hide("false")
    assert wait_for(lambda: console.console.feed.hub.watched, seconds=10)
    expect(page.locator("#status")).to_have_text("live")


def test_of_too_many_windows_the_oldest_pauses_until_it_is_used(page: Page, console: Served, stack: Stack) -> None:
    others = [page.context.new_page() for _ in range(7)]
    for other in others:
        other.goto(console.url)
        expect(other.locator("#status")).to_have_text("live")
    expect(page.locator("#status")).to_have_text("paused")
    page.locator("#banner").click()
    expect(page.locator("#status")).to_have_text("live")
    follow(place(page, "happy"), stack)

    def live() -> int:
        return sum(other.locator("#status").inner_text() == "live" for other in others)

    assert wait_for(lambda: live() == MOST_PAGES - 1, seconds=10), live()


def test_the_tour_asks_its_questions_and_does_what_it_says(page: Page, shoot: Shoot) -> None:
    page.get_by_role("button", name="Take the tour").click()
    tour = page.locator("#tour")
    expect(tour.locator("h2")).to_be_focused()
    with page.expect_response(re.compile("/do/place$")):
        tour.get_by_role("button", name="Place an order").click()
    for _ in range(2):
        tour.get_by_role("button", name="Next").click()
    expect(tour).to_contain_text("charged twice")
    shoot(page, "tour")
    page.get_by_role("button", name="End the tour").click()
    expect(tour).to_be_hidden()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_a_narrow_window_needs_no_scrolling_sideways(
    chrome: Browser, console: Served, shoot: Shoot, scheme: str
) -> None:
    with opened(chrome, console.url, viewport={"width": 390, "height": 800}, color_scheme=scheme) as page:
        page.locator("#picture").wait_for()
        for view in ("", "orders", "letters", "shelves", "recovery"):
            page.evaluate(f"location.hash = '#/{view}'")
            page.locator("main section").first.wait_for()
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.evaluate("location.hash = '#/'")
        page.set_viewport_size({"width": 1440, "height": 900})
        page.locator("#panel").wait_for()
        if scheme == "dark":
            shoot(page, scheme)


def test_the_keyboard_reaches_all_of_it_and_each_control_has_a_name(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    unnamed = page.evaluate(
        """[...document.querySelectorAll('button, input, select, a')].filter((each) => !each.textContent.trim()
           && !each.ariaLabel && !each.labels?.[0]?.textContent.trim() && !each.title).map((each) => each.outerHTML)"""
    )
    assert unnamed == []


def test_a_place_that_does_not_answer_is_told_and_found_again(chrome: Browser, stack: Stack, tmp_path: Path) -> None:
    nowhere = Target.model_validate(stack.target.model_dump() | {"endpoint": f"http://127.0.0.1:{free_port()}"})
    with served(nowhere, tmp_path) as running, opened(chrome, running.url) as page:
        expect(page.locator("#banner")).to_contain_text("nothing answers at")
        # The place comes back.
        running.console.feed.target = stack.target
        expect(page.locator("#status")).to_have_text("live")
        expect(page.locator("#banner")).to_be_hidden()
