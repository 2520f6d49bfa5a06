# The commands of the shop; the Makefile includes them.

.PHONY: trigger-happy trigger-decline trigger-out-of-stock trigger-undeliverable trigger-pays-later \
  trigger-chargeback trigger-cancel order cancel reconcile stock load outage cost example-loyalty

trigger-happy: install  ## an order that goes well
	@$(TOOL) trigger happy

trigger-decline: install  ## an order whose card is declined: the stock is released
	@$(TOOL) trigger decline

trigger-out-of-stock: install  ## an order for a sku that is out of stock
	@$(TOOL) trigger out-of-stock

trigger-undeliverable: install  ## an order that the carrier refuses: refunded, then released
	@$(TOOL) trigger undeliverable

trigger-pays-later: install  ## an order whose payment is pending at first
	@$(TOOL) trigger pays-later

trigger-chargeback: install  ## an order that the carrier refuses, and whose refund is refused too
	@$(TOOL) trigger chargeback

trigger-cancel: install  ## an order that its customer cancels while it is in flight
	@$(TOOL) trigger-cancel

cancel: install  ## cancel an order, as its customer does: ORDER=...
	@$(TOOL) cancel

reconcile: install  ## compare the payment provider's books with the orders: FROM=2026-01-31T00:00:00Z TO=... JSON=yes
	@$(TOOL) reconcile

order: install  ## an order of your own: CUSTOMER=CUST-1 SKU=BOOK QUANTITY=1 AMOUNT=4200 (in cents)
	@$(TOOL) order

stock: install  ## the stock of each sku; FILL=yes puts the demo's pieces there first
	@$(TOOL) stock

load: install  ## place orders at a steady rate and measure their latency: RATE=10 MINUTES=5 STAGE=dev
	@$(TOOL) load

outage: install  ## simulate a provider outage in a model of AWS: RATE=10 MINUTES=60 KIND=hang|refuse|slow|flaky|all BEFORE=<commit>
	@$(TOOL) outage

example-loyalty: install  ## deploy examples/loyalty beside the saga on the emulator, and award points once per order
	@$(TOOL) example-loyalty

cost: install  ## the price of a million orders on AWS, by kind of order and service
	@$(TOOL) cost
