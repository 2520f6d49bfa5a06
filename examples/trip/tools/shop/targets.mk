# The commands of the travel agency; the Makefile includes them.

TRIGGERS := trigger-happy trigger-sold-out trigger-hotel-full trigger-no-car

.PHONY: $(TRIGGERS) seats

$(TRIGGERS): install
	@$(TOOL) trigger $(@:trigger-%=%)

trigger-happy:  ## a trip that goes well
trigger-sold-out:  ## a trip for whose return there are no seats
trigger-hotel-full:  ## a trip whose hotel is full: the flights are cancelled
trigger-no-car:  ## a trip without a car: the hotel is cancelled, then the flights

seats: install  ## the free seats on the flights; FILL=yes puts the demo's there first
	@$(TOOL) seats $(if $(FILL),--fill)
