"""Of the first migration: what came of messages, opens and clicks as well as revenue."""

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
