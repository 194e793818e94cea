"""What Campaigns looks up of its tables for its gauges."""

from typing import Final

from sqlalchemy import text

from xencrm.kernel.telemetry.gauges import Gauged, GaugeQuery

MESSAGES: Final = GaugeQuery(
    text("""
        SELECT state.state, state.xencrm_campaign_messages
        FROM (
            SELECT sum(pending) AS pending, sum(sending) AS sending, sum(sent) AS sent,
                   sum(delivered) AS delivered, sum(failed) AS failed, sum(skipped) AS skipped,
                   sum(cancelled) AS cancelled, sum(unconfirmed) AS unconfirmed
            FROM campaigns JOIN campaign_stats USING (campaign_id)
            WHERE status IN ('PREPARING', 'RUNNING', 'PAUSED')
        ) AS total
        CROSS JOIN LATERAL (VALUES
            ('pending', coalesce(pending, 0)), ('sending', coalesce(sending, 0)), ('sent', coalesce(sent, 0)),
            ('delivered', coalesce(delivered, 0)), ('failed', coalesce(failed, 0)),
            ('skipped', coalesce(skipped, 0)), ('cancelled', coalesce(cancelled, 0)),
            ('unconfirmed', coalesce(unconfirmed, 0))
        ) AS state (state, xencrm_campaign_messages)
    """),
    (
        Gauged(
            "xencrm_campaign_messages",
            "Messages of campaigns that are being prepared, running or paused, by state",
            ("state",),
        ),
    ),
)
CAMPAIGNS: Final = GaugeQuery(
    text("""
        SELECT status.name AS status, count(campaigns.campaign_id) AS xencrm_campaigns_active
        FROM (VALUES ('PREPARING'), ('RUNNING'), ('PAUSED')) AS status (name)
        LEFT JOIN campaigns ON campaigns.status = status.name
            AND campaigns.status IN ('PREPARING', 'RUNNING', 'PAUSED')
        GROUP BY status.name
    """),
    (Gauged("xencrm_campaigns_active", "Campaigns that are at work, by status", ("status",)),),
)
RESULTS: Final = GaugeQuery(
    text("""
        SELECT (SELECT count(*) FROM quarter_hours WHERE stale_since IS NOT NULL) AS xencrm_results_stale,
               extract(epoch FROM now() - least(
                   now(),
                   (SELECT min(moved_at) FROM quarter_moves),
                   (SELECT min(stale_since) FROM quarter_hours WHERE stale_since IS NOT NULL),
                   (SELECT min(lift_stale_since) FROM campaigns JOIN campaign_results USING (campaign_id)
                    WHERE holdout_percent > 0 AND prepared_at IS NOT NULL)
               )) AS xencrm_results_age_seconds
    """),
    (
        Gauged("xencrm_results_stale", "Quarters of an hour whose orders are to be attributed anew"),
        Gauged("xencrm_results_age_seconds", "How long a change has not been in the results"),
    ),
)
QUERIES: Final = (MESSAGES, CAMPAIGNS, RESULTS)
