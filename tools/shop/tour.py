"""The guided tour of the console: what may go wrong in a shop, broken one after the other."""

from tools.shop.stop import Stop

TOUR = (
    Stop(
        "An order that goes well",
        "Nobody conducts: each function consumes an event, and publishes one. Place an order, and follow it along the "
        "picture, down to ShippingScheduled.",
        {"Place an order": [{"place": "happy"}]},
        "The panel on the right counts: a piece moved from the shelf into an order, its price is kept.",
    ),
    Stop(
        "An order that is taken back",
        "The carrier will not deliver there. What was done is undone, step by step, in the other direction: the money "
        "is given back, then the piece goes back to its shelf.",
        {"Place an order for nowhere": [{"place": "undeliverable"}]},
        "The yellow way in the picture: PaymentRefunded, InventoryReleased. Pieces and money are as they were.",
    ),
    Stop(
        "Would a customer be charged twice?",
        "The payment provider takes the money and never answers. Nobody knows whether it was taken, so the step is "
        "repeated: under the order's id, which the provider remembers.",
        {
            "Let it hang, and place five orders": [
                {"switch": "payments.provider", "to": "hang"},
                *[{"place": "happy"}] * 5,
            ],
            "Restore it, and run recovery": [{"switch": "payments.provider", "to": ""}, {"recover": True}],
        },
        "ChargePayment defers, in yellow: nothing is written, and the orders wait. Restore it: they continue, each is "
        "charged once, and the sum of the money stays right.",
    ),
    Stop(
        "What if a publish gets lost?",
        "A third of all events vanish: the bus took them, and nobody sees them. An order's record holds all that its "
        "event says, so recovery publishes it again.",
        {
            "Lose a third, and place ten orders": [{"switch": "lost", "to": "lost"}, *[{"place": "happy"}] * 10],
            "Stop losing, and run recovery": [{"switch": "lost", "to": ""}, {"recover": True}],
        },
        "Some orders stand still in the middle of the picture. Recovery, which runs each minute, brings them home.",
    ),
    Stop(
        "Would a shelf be oversold?",
        "Every event comes twice, and out of order. A step is repeated, and its second write fails on the condition "
        "that the order stands where the event says.",
        {
            "Scatter the events, and place ten orders": [
                {"switch": "twice", "to": "twice"},
                *[{"place": "happy"}] * 10,
            ],
            "Everything back": [{"back": True}],
        },
        "Each order reserves one piece. The sum of the pieces stays what it was, to the piece.",
    ),
    Stop(
        "And if AWS itself fails?",
        "A third of the calls to DynamoDB and EventBridge fail, before or after they took effect. Lambda retries, then "
        "the event becomes a dead letter at the function that it came from; the order itself goes on by recovery.",
        {
            "Fail a third of the calls, ten orders": [{"switch": "aws", "to": "fail"}, *[{"place": "happy"}] * 10],
            "Everything back, and run recovery": [{"back": True}, {"recover": True}],
            "Redrive the dead letters": [{"redrive": True}],
        },
        "Red marks at the functions, letters beside them; after the repair all orders end. A letter that comes late "
        "finds its order finished, and changes nothing.",
    ),
    Stop(
        "That was it",
        "Nobody repaired an order by hand. What you saw is in the code: one conditional write a step, an event that is "
        "rebuilt from its record, ids that are derived and never random.",
        {"Everything back": [{"back": True}]},
        "Open one of the orders: its story tells who did what, what came twice, and what was brought back.",
    ),
)
