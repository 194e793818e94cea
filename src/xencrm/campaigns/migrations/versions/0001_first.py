"""The Business DB."""

from alembic import op

from xencrm.kernel.messaging.schema import DDL as MESSAGING

revision = "0001"
down_revision = None

ACCOUNTS = (
    """
    CREATE TABLE api_keys (
        key_id text PRIMARY KEY,
        principal_id uuid NOT NULL UNIQUE DEFAULT uuidv7(),
        name text NOT NULL,
        role text NOT NULL CHECK (role IN ('viewer', 'marketer', 'admin', 'ingest')),
        secret_hash bytea NOT NULL,
        version bigint NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
    )
    """,
)

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
    # The line of the e-mail address: whose it is.
    r"CREATE INDEX profile_texts_email ON profile_texts (split_part(searched, E'\n', 2))",
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

PLANNING = (
    """
    CREATE TABLE segments (
        segment_id uuid PRIMARY KEY DEFAULT uuidv7(),
        name text NOT NULL UNIQUE,
        description text NOT NULL DEFAULT '',
        rules jsonb NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE campaigns (
        campaign_id uuid PRIMARY KEY DEFAULT uuidv7(),
        campaign_month date NOT NULL DEFAULT date_trunc('month', now() AT TIME ZONE 'UTC'),
        name text NOT NULL,
        segment_id uuid NOT NULL REFERENCES segments,
        campaign_type text NOT NULL
            CHECK (campaign_type IN ('PROMOTIONAL', 'TRANSACTIONAL', 'NEWSLETTER', 'REMINDER')),
        vendor text NOT NULL,
        holdout_percent smallint NOT NULL DEFAULT 0 CHECK (holdout_percent BETWEEN 0 AND 50),
        track boolean NOT NULL DEFAULT false,
        status text NOT NULL DEFAULT 'DRAFT' CHECK (status IN
            ('DRAFT', 'SCHEDULED', 'PREPARING', 'RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED')),
        prepared boolean NOT NULL DEFAULT false,
        template_version integer NOT NULL DEFAULT 1,
        frozen_rules jsonb,
        prepare_now timestamptz,
        prepare_position uuid,
        prepare_until uuid,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        scheduled_at timestamptz,
        held_reason text,
        approved text,
        launched_at timestamptz,
        prepared_at timestamptz,
        finished_at timestamptz,
        archived_at timestamptz
    )
    """,
    "CREATE INDEX campaigns_scheduled ON campaigns (scheduled_at) WHERE status = 'SCHEDULED'",
    "CREATE INDEX campaigns_active ON campaigns (status) WHERE status IN ('PREPARING', 'RUNNING', 'PAUSED')",
    "CREATE INDEX campaigns_segment ON campaigns (segment_id)",
    """
    CREATE TABLE campaign_templates (
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        version integer NOT NULL,
        message_template text NOT NULL,
        subject text,
        html_template text,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (campaign_id, version)
    )
    """,
    """
    CREATE TABLE test_allowances (
        principal_id text PRIMARY KEY,
        since timestamptz NOT NULL,
        used integer NOT NULL
    )
    """,
)

# One row a message. state: PENDING -> SENDING -> SENT -> DELIVERED | FAILED; SKIPPED, CANCELLED, UNCONFIRMED.
# attempt is the one that is open; it rises only on a definite refusal. doubt_since: the first unanswered
# call of the present attempt. HOLDOUT rows are in no other count. started, while SENDING: false when claimed,
# true from right before the call; null where the vendor is idempotent and nobody needs to know.
DELIVERY = (
    """
    CREATE TABLE communication_log (
        campaign_month date NOT NULL,
        message_id uuid NOT NULL DEFAULT uuidv7(),
        campaign_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        state text NOT NULL,
        attempt smallint NOT NULL DEFAULT 1,
        reason text,
        lease uuid,
        lease_until timestamptz,
        started boolean,
        not_before timestamptz NOT NULL DEFAULT '-infinity',
        doubt_since timestamptz,
        template_version integer,
        address text,
        subject text,
        body text,
        vendor_ref text,
        created_at timestamptz NOT NULL DEFAULT now(),
        sent_at timestamptz,
        settled_at timestamptz,
        PRIMARY KEY (message_id, campaign_month),
        UNIQUE (campaign_id, customer_id, campaign_month)
    ) PARTITION BY RANGE (campaign_month)
    """,
    "CREATE TABLE communication_log_default PARTITION OF communication_log DEFAULT WITH (fillfactor = 70)",
    """
    CREATE INDEX communication_log_pending ON communication_log (campaign_id, not_before, message_id)
    WHERE state = 'PENDING'
    """,
    """
    CREATE INDEX communication_log_sending ON communication_log (lease_until)
    WHERE state = 'SENDING'
    """,
    """
    CREATE INDEX communication_log_open ON communication_log (campaign_id)
    WHERE state IN ('SENDING', 'SENT')
    """,
    """
    CREATE INDEX communication_log_settled ON communication_log USING brin (settled_at)
    WITH (autosummarize = on)
    """,
    """
    CREATE INDEX communication_log_doubt ON communication_log (doubt_since)
    WHERE state = 'PENDING' AND doubt_since IS NOT NULL
    """,
    "CREATE INDEX communication_log_sent ON communication_log (sent_at) WHERE state = 'SENT'",
    "CREATE INDEX communication_log_customer ON communication_log (customer_id)",
    """
    CREATE TABLE delivery_receipts (
        campaign_month date NOT NULL,
        receipt_id uuid NOT NULL,
        message_id uuid NOT NULL,
        attempt integer NOT NULL,
        outcome text NOT NULL,
        reason text,
        vendor text NOT NULL,
        vendor_ref text,
        matched boolean NOT NULL,
        occurred_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (receipt_id, campaign_month)
    ) PARTITION BY RANGE (campaign_month)
    """,
    "CREATE TABLE delivery_receipts_default PARTITION OF delivery_receipts DEFAULT",
    "CREATE INDEX delivery_receipts_message ON delivery_receipts (message_id)",
    # how far the texts of an old month are cleared from the ledger, by message id
    """
    CREATE TABLE cleared_months (
        campaign_month date PRIMARY KEY,
        position uuid,
        cleared_at timestamptz
    )
    """,
    """
    CREATE TABLE campaign_stats (
        campaign_id uuid PRIMARY KEY REFERENCES campaigns ON DELETE CASCADE,
        audience bigint NOT NULL DEFAULT 0,
        holdout bigint NOT NULL DEFAULT 0,
        pending bigint NOT NULL DEFAULT 0,
        sending bigint NOT NULL DEFAULT 0,
        sent bigint NOT NULL DEFAULT 0,
        delivered bigint NOT NULL DEFAULT 0,
        failed bigint NOT NULL DEFAULT 0,
        skipped bigint NOT NULL DEFAULT 0,
        cancelled bigint NOT NULL DEFAULT 0,
        unconfirmed bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE campaign_failures (
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        reason text NOT NULL,
        count bigint NOT NULL,
        PRIMARY KEY (campaign_id, reason)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE vendor_limits (
        vendor text PRIMARY KEY,
        tokens double precision NOT NULL DEFAULT 0,
        filled_at timestamptz NOT NULL DEFAULT now(),
        failures integer NOT NULL DEFAULT 0,
        closed_until timestamptz
    )
    """,
)

# What became of messages of campaigns that are tracked. link: a hash of url, which is as in the template, the
# same for everybody; nothing here tells whose message it is. The counters are of messages, not of times.
TRACKING = (
    """
    CREATE TABLE campaign_engagement (
        campaign_id uuid PRIMARY KEY REFERENCES campaigns ON DELETE CASCADE,
        opened bigint NOT NULL,
        clicked bigint NOT NULL
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE campaign_links (
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        link bigint NOT NULL,
        clicks bigint NOT NULL DEFAULT 0,
        url text NOT NULL,
        PRIMARY KEY (campaign_id, link)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE engagements (
        campaign_month date NOT NULL,
        message_id uuid NOT NULL,
        campaign_id uuid NOT NULL,
        opens bigint NOT NULL,
        first_opened_at timestamptz,
        last_opened_at timestamptz,
        clicks bigint NOT NULL,
        first_clicked_at timestamptz,
        last_clicked_at timestamptz,
        PRIMARY KEY (message_id, campaign_month)
    ) PARTITION BY RANGE (campaign_month)
    """,
    "CREATE TABLE engagements_default PARTITION OF engagements DEFAULT",
    """
    CREATE TABLE link_clicks (
        campaign_month date NOT NULL,
        message_id uuid NOT NULL,
        link bigint NOT NULL,
        campaign_id uuid NOT NULL,
        clicks bigint NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        PRIMARY KEY (message_id, link, campaign_month)
    ) PARTITION BY RANGE (campaign_month)
    """,
    "CREATE TABLE link_clicks_default PARTITION OF link_clicks DEFAULT",
)

# What dashboards and results are read from. quarter_moves: what a transaction changed, by the quarter of an
# hour that it concerns; only ever added to, so that writers never wait for each other. The role `results`
# folds it into quarter_hours, where '-infinity' is the sum of all. A figure is always the sum of both.
# stale_since: the orders of that quarter have to be attributed to campaigns anew.
REPORTING = (
    """
    CREATE TABLE quarter_moves (
        quarter timestamptz NOT NULL,
        orders bigint,
        revenue numeric(20, 2),
        customers bigint,
        active_customers bigint,
        delivered bigint,
        failed bigint,
        reached boolean NOT NULL DEFAULT false,
        moved_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE TABLE quarter_hours (
        quarter timestamptz PRIMARY KEY,
        orders bigint NOT NULL,
        revenue numeric(20, 2) NOT NULL,
        customers bigint NOT NULL,
        active_customers bigint NOT NULL,
        delivered bigint NOT NULL,
        failed bigint NOT NULL,
        stale_since timestamptz
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE INDEX quarter_hours_stale ON quarter_hours (stale_since, quarter)
    WHERE stale_since IS NOT NULL
    """,
    """
    CREATE TABLE campaign_revenue (
        quarter timestamptz NOT NULL,
        campaign_id uuid NOT NULL REFERENCES campaigns ON DELETE CASCADE,
        orders bigint NOT NULL,
        revenue numeric(20, 2) NOT NULL,
        PRIMARY KEY (quarter, campaign_id)
    )
    """,
    "CREATE INDEX campaign_revenue_campaign ON campaign_revenue (campaign_id) INCLUDE (orders, revenue)",
    """
    CREATE TABLE campaign_results (
        campaign_id uuid PRIMARY KEY REFERENCES campaigns ON DELETE CASCADE,
        orders bigint NOT NULL DEFAULT 0,
        revenue numeric(20, 2) NOT NULL DEFAULT 0,
        lift jsonb,
        lift_stale_since timestamptz DEFAULT now(),
        computed_at timestamptz NOT NULL DEFAULT now()
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE INDEX campaigns_with_holdout ON campaigns (prepared_at)
    WHERE holdout_percent > 0 AND prepared_at IS NOT NULL
    """,
)


def upgrade() -> None:
    for part in (MESSAGING, ACCOUNTS, PROFILES, CONSENT, PLANNING, DELIVERY, TRACKING, REPORTING):
        for statement in part:
            op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first version has nothing before it")
