"""DDL of the tables that every service's database has for messaging; used by the services' migrations."""

# Bodies lie outside of the row and uncompressed: they live for moments, and compressing costs more.
DDL = (
    """
    CREATE TABLE inbox (
        day date NOT NULL,
        event_id uuid NOT NULL,
        PRIMARY KEY (event_id, day)
    ) PARTITION BY RANGE (day)
    """,
    "CREATE TABLE inbox_default PARTITION OF inbox DEFAULT",
    """
    CREATE TABLE outbox (
        outbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        exchange text NOT NULL,
        routing_key text NOT NULL,
        body bytea STORAGE EXTERNAL,
        created_at timestamptz NOT NULL DEFAULT now(),
        settled_at timestamptz
    )
    """,
    "CREATE INDEX outbox_unsettled ON outbox (outbox_id) WHERE settled_at IS NULL",
    "CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL",
    """
    CREATE TABLE dead_letters (
        dead_letter_id uuid PRIMARY KEY DEFAULT uuidv7(),
        event_id uuid NOT NULL,
        queue text NOT NULL,
        type text NOT NULL,
        subject text NOT NULL,
        reason text NOT NULL,
        payload bytea NOT NULL,
        mentions text[] NOT NULL DEFAULT '{}',
        failed_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (event_id, queue)
    )
    """,
    "CREATE INDEX dead_letters_mentions ON dead_letters USING gin (mentions)",
    """
    CREATE TABLE rejected_events (
        event_id uuid PRIMARY KEY,
        code text NOT NULL,
        reason text NOT NULL,
        rejected_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX rejected_events_at ON rejected_events (rejected_at)",
    """
    CREATE TABLE queue_progress (
        queue text PRIMARY KEY,
        applied_until timestamptz NOT NULL
    ) WITH (fillfactor = 20)
    """,
)
