"""What changes of profiles and orders mean to the counts of their quarter hours, in the same statement.

Each text is a CTE that reads rows with their values before (`was_...`, NULL of a new row) and after (NULL of
a deleted one), and adds to `quarter_moves`.
"""

from typing import Final


def quarter_of(moment: str) -> str:
    """SQL for the quarter of an hour that a moment lies in: days of every time zone begin with one."""
    return f"date_bin('15 minutes', {moment}, timestamptz 'epoch')"


# An order that changes hands moves no sum, but campaigns' results: so a change of anything is told.
def order_moves(changed: str) -> str:
    return f"""
        INSERT INTO quarter_moves (quarter, orders, revenue)
        SELECT {quarter_of("ordered_at")}, sum(step), sum(step * amount)
        FROM {changed}
        CROSS JOIN LATERAL (VALUES (was_status, was_ordered_at, was_amount, -1),
                                   (now_status, now_ordered_at, now_amount, 1))
            AS side (status, ordered_at, amount, step)
        WHERE side.status = 'COMPLETED'
          AND (was_customer, was_status, was_ordered_at, was_amount)
              IS DISTINCT FROM (now_customer, now_status, now_ordered_at, now_amount)
        GROUP BY 1
    """


ORDER_CHANGE: Final = """
    old.customer_id AS was_customer, old.order_status AS was_status, old.ordered_at AS was_ordered_at,
    old.order_amount AS was_amount, new.customer_id AS now_customer, new.order_status AS now_status,
    new.ordered_at AS now_ordered_at, new.order_amount AS now_amount
"""


def customer_moves(changed: str) -> str:
    return f"""
        INSERT INTO quarter_moves (quarter, customers, active_customers)
        SELECT {quarter_of("created_at")}, sum(step), coalesce(sum(step) FILTER (WHERE status = 'ACTIVE'), 0)
        FROM {changed}
        CROSS JOIN LATERAL (VALUES (was_status, was_created_at, -1), (now_status, now_created_at, 1))
            AS side (status, created_at, step)
        WHERE side.created_at IS NOT NULL
          AND (was_status, was_created_at) IS DISTINCT FROM (now_status, now_created_at)
        GROUP BY 1
    """


CUSTOMER_CHANGE: Final = """
    old.status AS was_status, old.created_at AS was_created_at,
    new.status AS now_status, new.created_at AS now_created_at
"""
