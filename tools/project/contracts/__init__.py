"""The contract as other teams read it: schemas of the events, of the bus and of the HTTP API, made from the models."""
