"""Of the first migration: profiles, and who must not be written to."""

PROFILES = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    # Columns of a fixed width first: a scan that compares them need not step over the texts.
    # Vacuumed early: rules are counted in customers_mv_numbers alone where pages are known to be all visible.
    """
    CREATE TABLE customers_mv (
        customer_id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL,
        synced_at timestamptz NOT NULL DEFAULT now(),
        version bigint NOT NULL,
        total_orders integer NOT NULL,
        total_visits integer NOT NULL,
        last_order_at timestamptz,
        total_spend numeric(16, 2) NOT NULL,
        status text NOT NULL,
        name text NOT NULL,
        email text NOT NULL,
        phone text,
        attributes jsonb NOT NULL
    ) WITH (
        fillfactor = 90,
        autovacuum_vacuum_scale_factor = 0.01,
        autovacuum_vacuum_insert_scale_factor = 0.01
    )
    """,
    "CREATE INDEX customers_mv_total_spend ON customers_mv (total_spend, customer_id)",
    """
    CREATE INDEX customers_mv_last_order_at
    ON customers_mv (last_order_at DESC NULLS LAST, customer_id DESC)
    """,
    "CREATE INDEX customers_mv_created_at ON customers_mv (created_at, customer_id)",
    """
    CREATE INDEX customers_mv_numbers
    ON customers_mv (total_orders, total_visits, last_order_at, total_spend, status, created_at)
    """,
    # What changes seldom, apart from the totals that change with each order: its index costs most to keep.
    """
    CREATE TABLE profile_texts (
        customer_id uuid PRIMARY KEY,
        searched text COLLATE "pg_c_utf8" NOT NULL,
        attributes jsonb NOT NULL
    )
    """,
    """
    CREATE INDEX profile_texts_search
    ON profile_texts USING gin (searched gin_trgm_ops, attributes jsonb_path_ops)
    """,
    # The lines of the name and of the e-mail address: lists are sorted by them, and whose an address is.
    r"CREATE INDEX profile_texts_name ON profile_texts (split_part(searched, E'\n', 1), customer_id)",
    r"CREATE INDEX profile_texts_email ON profile_texts (split_part(searched, E'\n', 2), customer_id)",
    """
    CREATE TABLE orders_mv (
        order_id text COLLATE "C" PRIMARY KEY,
        customer_id uuid NOT NULL,
        order_amount numeric(12, 2) NOT NULL,
        order_status text NOT NULL,
        ordered_at timestamptz NOT NULL,
        version bigint NOT NULL,
        synced_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 90)
    """,
    """
    CREATE INDEX orders_mv_completed ON orders_mv (ordered_at) INCLUDE (order_amount, customer_id)
    WHERE order_status = 'COMPLETED'
    """,
    "CREATE INDEX orders_mv_customer ON orders_mv (customer_id, ordered_at)",
    """
    CREATE TABLE tombstones (
        customer_id uuid PRIMARY KEY,
        erased_at timestamptz NOT NULL
    )
    """,
)

# Of an erased person nothing is kept but email_hash. Unique: the same word twice is one row.
CONSENT = (
    """
    CREATE TABLE suppressions (
        suppression_id uuid PRIMARY KEY DEFAULT uuidv7(),
        created_at timestamptz NOT NULL DEFAULT now(),
        customer_id uuid,
        campaign_id uuid,
        message_id uuid,
        reason text NOT NULL CHECK (reason IN ('UNSUBSCRIBED', 'BOUNCED', 'COMPLAINED', 'MANUAL')),
        email_hash bytea NOT NULL,
        email text,
        note text,
        created_by text NOT NULL,
        UNIQUE NULLS NOT DISTINCT (email_hash, reason, customer_id)
    )
    """,
    """
    CREATE INDEX suppressions_customer ON suppressions (customer_id) INCLUDE (reason)
    WHERE customer_id IS NOT NULL
    """,
    "CREATE INDEX suppressions_email ON suppressions (email) INCLUDE (reason) WHERE email IS NOT NULL",
    """
    CREATE TABLE erased_addresses (
        customer_id uuid NOT NULL,
        email_hash bytea NOT NULL,
        PRIMARY KEY (customer_id, email_hash)
    )
    """,
)
