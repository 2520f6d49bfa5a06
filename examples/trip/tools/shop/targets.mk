# The commands of the travel agency; the Makefile includes them.

.PHONY: trigger-happy trigger-sold-out trigger-hotel-full trigger-no-car seats

trigger-happy: install  ## a trip that goes well
	@$(TOOL) trigger happy

trigger-sold-out: install  ## a trip for whose return there are no seats
	@$(TOOL) trigger sold-out

trigger-hotel-full: install  ## a trip whose hotel is full: the flights are cancelled
	@$(TOOL) trigger hotel-full

trigger-no-car: install  ## a trip without a car: the hotel is cancelled, then the flights
	@$(TOOL) trigger no-car

seats: install  ## the free seats on the flights; FILL=yes puts the demo's there first
	@$(TOOL) seats
