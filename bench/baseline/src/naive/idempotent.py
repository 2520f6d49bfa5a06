"""The same steps, each behind Powertools' idempotency utility: a record of each call in one more table."""

import os

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig, idempotent

from . import inventory, orders, payments, shipping
from .aws import dynamodb

STORE = DynamoDBPersistenceLayer(table_name=os.environ["IDEMPOTENCY_TABLE_NAME"], boto3_client=dynamodb)
# A client's HTTP version decides how the header is written.
REQUEST = 'headers."Idempotency-Key" || headers."idempotency-key" || body'
ORDER = "detail.orderId"
once_a_request = idempotent(persistence_store=STORE, config=IdempotencyConfig(event_key_jmespath=REQUEST))
once_an_order = idempotent(persistence_store=STORE, config=IdempotencyConfig(event_key_jmespath=ORDER))

create = once_a_request(orders.create)
get = orders.get
reserve = once_an_order(inventory.reserve)
release = once_an_order(inventory.release)
charge = once_an_order(payments.charge)
refund = once_an_order(payments.refund)
notify = once_an_order(shipping.notify)
