"""Every exchange, key and queue of the product, as data."""

from typing import Final

from xencrm.kernel.messaging.broker import Queue, Topic
from xencrm.kernel.messaging.partitions import Division

CUSTOMER_QUEUE: Final = Queue("customer_queue", Topic("data_ingestion", "customer"))
ORDER_QUEUE: Final = Queue("order_queue", Topic("data_ingestion", "order"))
CUSTOMER_MV_QUEUE: Final = Queue("customer_mv_queue", Topic("data_ingestion", "customer_mv"))
ORDER_MV_QUEUE: Final = Queue("order_mv_queue", Topic("data_ingestion", "order_mv"))
RECEIPT_QUEUE: Final = Queue("receipt_queue", Topic("campaign_messaging", "receipt"))
ACCESS_QUEUE: Final = Queue("access_queue", Topic("access", "principal"))
AUDIT_QUEUE: Final = Queue("audit_queue", Topic("access", "audit"))

PARTITIONED: Final = (CUSTOMER_QUEUE, ORDER_QUEUE, CUSTOMER_MV_QUEUE, ORDER_MV_QUEUE, RECEIPT_QUEUE)
ALL_QUEUES: Final = (*PARTITIONED, ACCESS_QUEUE, AUDIT_QUEUE)


def division(partitions: int, own: tuple[int, ...] = ()) -> Division:
    return Division(PARTITIONED, partitions, own)


def all_queues(partitions: int) -> tuple[Queue, ...]:
    """Every queue that there is with so many partitions."""
    return division(partitions).queues_of_all(ALL_QUEUES)
