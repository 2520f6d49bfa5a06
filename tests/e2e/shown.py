"""What a reader sees who types what the pages say, page after page: something that each command prints.

Every command of a page's blocks stands here, in the page's order, but for those in blocks that are marked with what
they need ("sh needs AWS"), and those that are run elsewhere.
"""

from tools.emulator.adapter import Feature

SHOWN = {
    "README.md": {
        "make demo": r"the three final records",
        "make trigger-undeliverable": r'"failureReason": "address undeliverable"',
        "make trace ORDER=<orderId>": r"RefundPayment +ShippingFailed",
        "make orders": r"address undeliverable",
        "make watch": r"ShippingScheduled +trackingNumber",
        "make console": r"http://127\.0\.0\.1:\d+/\S+/",
        "make": r"trigger-undeliverable  ",
    },
    "AGENTS.md": {
        "make format": r"files left unchanged",
        "make generate": r"everything was up to date",
    },
    "docs/api.md": {
        "make order CUSTOMER=CUST-1 SKU=BOOK QUANTITY=1 AMOUNT=4200": r'"sku": "BOOK"',
        "make trigger-pays-later": r"PAYMENT_PENDING",
        "make trigger-chargeback": r'"refundFailureReason": "charged back by the customer"',
        "make stock": r"│ LAMP +│ \d+",
        "curl --aws-sigv4 aws:amz:us-emulator-1:execute-api --user test:test"
        " -H 'Content-Type: application/json' -H 'Idempotency-Key: my-first-order'"
        ' -d \'{"customerId": "CUST-1", "sku": "LAMP", "quantity": 2, "amount": 4200}\''
        " <the URL that make deploy printed>/orders": r'"status": "CREATED"',
    },
    "CONTRIBUTING.md": {
        "make demo": r"the three final records",
        "make format": r"files left unchanged",
    },
    "docs/one-function.md": {
        "make debug FUNCTION=ChargePayment": r"ChargePayment listens for a debugger on 127\.0\.0\.1:5678",
        "make invoke-remote EVENT=ShippingFailed": r"SHIPPING_FAILED → PAYMENT_REFUNDED",
    },
    "docs/consuming-events.md": {
        "make example-loyalty": r"CUST-1 still has \d+ points",
    },
    "docs/console.md": {
        "make demo": r"the three final records",
        "make console": r"http://127\.0\.0\.1:\d+/\S+/",
    },
    "docs/deploying.md": {
        'make deploy PARAMETERS="DeadlineSeconds=1800 LogRetentionDays=7"': r"the API is at http",
        "make parameters": r"DeadlineSeconds +1800 +900",
    },
    "docs/failures.md": {
        "make trigger-cancel": r"cancelled by the customer",
        "make trigger-poison": r"because .*OrderCreated is malformed",
        "make dlq": r"because .*OrderCreated is malformed",
        "make redrive DRY_RUN=1": r"→ would be kept",
        "make redrive": r"→ kept",
        "make recover": r"recovered \d+ orders",
        "make replay FROM=2026-01-31T09:00:00Z TO=2026-01-31T10:00:00Z": r"the replay is COMPLETED",
    },
    "docs/outages.md": {
        "make outage RATE=5 MINUTES=2 KIND=refuse": r"Sums that are wrong +│ 0 +│ 0",
    },
    "docs/shells.md": {
        "make settings": r"STAGE +local +the default",
        "make doctor": r"Python +3\.\d+",
    },
    "docs/runbook.md": {
        "make orders": r"SHIPPING_SCHEDULED",
        "make trace ORDER=<orderId>": r"CreateOrder +→ OrderCreated",
        "make dlq": r"because .*OrderCreated is malformed",
        "make redrive DRY_RUN=1": r"→ would be kept",
        "make redrive": r"→ kept",
        "make purge WHY=malformed DRY_RUN=1": r"→ would be deleted",
    },
}
NEEDS = {
    "make replay FROM=2026-01-31T09:00:00Z TO=2026-01-31T10:00:00Z": Feature.REPLAY,
    "make debug FUNCTION=ChargePayment": Feature.DEBUGGER,
}
"""Commands that not every backend can run, and what they need of it."""
MEANWHILE = {
    "make watch": "make trigger-happy",
    "make console": "make orders",
    "make debug FUNCTION=ChargePayment": "make orders",
}
"""Commands that run until Ctrl-C, and what the reader types meanwhile in a second terminal."""
RUN_BY_CI = ["make check", "make test", "make bench QUICK=1"]
"""Too long to be run inside of a test; `.ci/run` runs them for each change."""
RUN_ON_THE_CHANGED_CODE = {
    "docs/extending.md": "tests/e2e/test_extending.py",
    "docs/your-own-saga.md": "tests/e2e/test_your_own_saga.py",
}
"""Pages whose commands are for code that the reader has changed, and the test that changes it and runs them."""
