"""The Master DB."""

from alembic import op

from xencrm.kernel.messaging.schema import DDL as MESSAGING

revision = "0001"
down_revision = None

ACCESS = (
    """
    CREATE TABLE principals (
        key_id text PRIMARY KEY,
        principal_id uuid NOT NULL,
        name text NOT NULL,
        role text NOT NULL,
        secret_hash bytea NOT NULL,
        version bigint NOT NULL,
        revoked_at timestamptz
    )
    """,
    # by which Campaigns signs session tokens
    """
    CREATE TABLE signing_keys (
        key_id text PRIMARY KEY,
        public_key bytea NOT NULL,
        retired boolean NOT NULL DEFAULT false
    )
    """,
    # of sessions and people: tokens issued before are not good
    """
    CREATE TABLE session_cutoffs (
        subject_id uuid PRIMARY KEY,
        issued_before timestamptz NOT NULL
    )
    """,
    "CREATE INDEX session_cutoffs_age ON session_cutoffs (issued_before)",
)

# opening_*: from before XenCRM, as posted; orders_*: the sums of the COMPLETED orders.
CUSTOMERS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """
    CREATE TABLE customers (
        customer_id uuid PRIMARY KEY DEFAULT uuidv7(),
        email text NOT NULL UNIQUE,
        name text NOT NULL,
        phone text,
        status text NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE')),
        opening_total_spend numeric(14, 2) NOT NULL,
        opening_total_visits integer NOT NULL,
        opening_last_order_at timestamptz,
        orders_spend numeric(14, 2) NOT NULL DEFAULT 0,
        orders_count integer NOT NULL DEFAULT 0,
        orders_last_at timestamptz,
        attributes jsonb NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 80)
    """,
    # who had an address before, up to which moment; of erased customers only a keyed hash is left
    """
    CREATE TABLE customer_emails (
        email text NOT NULL,
        until timestamptz NOT NULL,
        customer_id uuid NOT NULL,
        PRIMARY KEY (email, until)
    )
    """,
    "CREATE INDEX customer_emails_customer ON customer_emails (customer_id)",
    """
    CREATE TABLE tombstones (
        customer_id uuid NOT NULL,
        email_hash bytea NOT NULL,
        until timestamptz NOT NULL,
        erased_at timestamptz NOT NULL,
        PRIMARY KEY (customer_id, email_hash, until)
    )
    """,
    "CREATE INDEX tombstones_email ON tombstones (email_hash, until)",
    "CREATE INDEX customers_search ON customers USING gin (lower(name || ' ' || email) gin_trgm_ops)",
)

ORDERS = (
    """
    CREATE TABLE orders (
        order_id text COLLATE "C" PRIMARY KEY,
        customer_id uuid NOT NULL,
        order_amount numeric(12, 2) NOT NULL,
        order_status text NOT NULL
            CHECK (order_status IN ('PENDING', 'COMPLETED', 'CANCELLED', 'REFUNDED')),
        ordered_at timestamptz NOT NULL,
        items jsonb,
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX orders_of_customer ON orders (customer_id, ordered_at, order_id)",
    """
    CREATE TABLE waiting_orders (
        event_id uuid PRIMARY KEY,
        place bigint GENERATED ALWAYS AS IDENTITY,
        order_id text NOT NULL,
        customer_email text,
        email_hash bytea,
        customer_id uuid,
        accepted_at timestamptz NOT NULL,
        event bytea NOT NULL,
        ready boolean NOT NULL DEFAULT false,
        waiting_since timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX waiting_orders_email ON waiting_orders (customer_email, place)",
    """
    CREATE INDEX waiting_orders_customer ON waiting_orders (customer_id, place)
    WHERE customer_id IS NOT NULL
    """,
    "CREATE INDEX waiting_orders_ready ON waiting_orders (place) WHERE ready",
    "CREATE INDEX waiting_orders_parked ON waiting_orders (waiting_since) WHERE NOT ready",
    "CREATE INDEX waiting_orders_order ON waiting_orders (order_id)",
)

BATCHES = (
    """
    CREATE TABLE batches (
        batch_id uuid PRIMARY KEY,
        rows integer NOT NULL,
        rejected integer[] NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX batches_received ON batches (received_at)",
)


def upgrade() -> None:
    for statement in (*MESSAGING, *ACCESS, *CUSTOMERS, *ORDERS, *BATCHES):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first version has nothing before it")
