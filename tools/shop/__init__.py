"""The shop of this project: the part of the tools that a fork for another business replaces.

What it knows of orders is in `commands`, `cost`, `examples`, `faults`, `panel`, `request`, `seed`, `stock`, `tour` and
`ways`; the rest is the same for any saga. The other folders ask it for `commands.app`, `seed.seed` and `seed.seed_for`,
`openapi.document` and `examples.ADDED`; the console for `api.place`, `api.cancel`, `faults.PROVIDERS`, `panel.Panel`
with `panel.held` and `panel.FILL`, `request.NewSaga`, `tour.TOUR` and `ways.TRIGGERS`.
"""
