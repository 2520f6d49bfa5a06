"""The guided tour of the console: what may go wrong in a shop, one fault after the other."""

from tools.shop.stop import Stop

TOUR = (
    Stop(
        "A successful order",
        "There is no orchestrator: each function consumes an event and publishes the next. Place an order and follow "
        "it through the diagram, down to ShippingScheduled.",
        {"Place an order": [{"place": "happy"}]},
        "The panel on the right counts: a piece moved from the shelf to an order, and its price was kept.",
    ),
    Stop(
        "A compensated order",
        "The carrier does not deliver to this customer. Compensations undo the completed steps in reverse order: first "
        "the refund, then the release of the reserved piece.",
        {"Place an undeliverable order": [{"place": "undeliverable"}]},
        "The yellow path in the diagram: PaymentRefunded, InventoryReleased. Pieces and money are as before.",
    ),
    Stop(
        "Is a customer charged twice?",
        "The payment provider takes the money and never answers. The step cannot know whether it was charged, so it "
        "asks again, with the order id as idempotency key, which the provider remembers.",
        {
            "Let it hang, and place five orders": [
                {"switch": "payments.provider", "to": "hang"},
                *[{"place": "happy"}] * 5,
            ],
            "Restore it, and run recovery": [{"switch": "payments.provider", "to": ""}, {"recover": True}],
        },
        "ChargePayment defers, in yellow: it writes nothing, and the orders wait. Restore it: the orders continue, "
        "each is charged once, and the money stays correct.",
    ),
    Stop(
        "What if an event is lost?",
        "A third of all events disappear: the bus accepts them, and no rule matches. An order's record holds all that "
        "its event says, so recovery publishes the event again.",
        {
            "Lose a third, and place ten orders": [{"switch": "lost", "to": "lost"}, *[{"place": "happy"}] * 10],
            "Stop losing, and run recovery": [{"switch": "lost", "to": ""}, {"recover": True}],
        },
        "Some orders stop in the middle of the diagram. Recovery, which runs every minute, completes them.",
    ),
    Stop(
        "Is a shelf oversold?",
        "Every event is delivered twice and out of order. The step runs twice, but its second write fails: the "
        "condition requires the status that the event follows.",
        {
            "Duplicate events, and place ten orders": [
                {"switch": "twice", "to": "twice"},
                *[{"place": "happy"}] * 10,
            ],
            "Restore everything": [{"back": True}],
        },
        "Each order reserves one piece. The number of pieces stays the same.",
    ),
    Stop(
        "What if AWS itself fails?",
        "A third of the calls to DynamoDB and EventBridge fail, before or after they took effect. Lambda retries; "
        "after that, the event goes to the dead-letter queue, and recovery continues the order.",
        {
            "Fail a third of the calls, ten orders": [{"switch": "aws", "to": "fail"}, *[{"place": "happy"}] * 10],
            "Restore everything, and run recovery": [{"back": True}, {"recover": True}],
            "Redrive the dead letters": [{"redrive": True}],
        },
        "Failures are red at their functions, with dead letters beside them. After the repair all orders end. A letter "
        "that is redriven later finds its order finished, and changes nothing.",
    ),
    Stop(
        "The end",
        "Nobody repaired an order by hand. The code needs three things: one conditional write per step, an event that "
        "can be rebuilt from its record, and ids that are derived instead of random.",
        {"Restore everything": [{"back": True}]},
        "Open one of the orders: its story shows each step, duplicates, failures and recoveries.",
    ),
)
