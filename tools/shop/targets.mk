# The commands of the shop; the Makefile includes them.

.PHONY: trigger-happy trigger-decline trigger-out-of-stock trigger-undeliverable trigger-pays-later \
  trigger-chargeback order stock cost

trigger-happy trigger-decline trigger-out-of-stock trigger-undeliverable trigger-pays-later trigger-chargeback: install
	@$(TOOL) trigger $(@:trigger-%=%)

order: install  ## an order of your own: CUSTOMER=CUST-1 SKU=BOOK QUANTITY=1 AMOUNT=4200 (in cents)
	@$(TOOL) order $(if $(CUSTOMER),--customer $(CUSTOMER)) $(if $(SKU),--sku $(SKU)) $(if $(QUANTITY),--quantity $(QUANTITY)) $(if $(AMOUNT),--amount $(AMOUNT))

trigger-happy:  ## an order that goes well
trigger-decline:  ## an order whose card is declined: the stock is released
trigger-out-of-stock:  ## an order for what is not there
trigger-undeliverable:  ## an order that the carrier refuses: refunded, then released
trigger-pays-later:  ## an order whose payment is pending at first
trigger-chargeback:  ## an order that is refused by the carrier, and whose refund is refused too

stock: install  ## what lies on the shelves; FILL=yes puts the demo's pieces there first
	@$(TOOL) stock $(if $(FILL),--fill)

cost: install  ## what a million orders cost on AWS, by kind of order and service
	@$(TOOL) cost
