"""The naive choreography: each step writes the record, publishes its event, and guards against nothing.

A duplicate is done again, a crash between the write and the publish leaves an order where it is, and so does an event
that EventBridge did not take.
"""
