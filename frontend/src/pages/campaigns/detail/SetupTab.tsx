import { Anchor, Card, SimpleGrid, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { HtmlFrame } from "@/campaigns/HtmlFrame";
import { type Campaign, typeLabel } from "@/campaigns/model";
import { vendorName } from "@/campaigns/vendors";
import { ExactTime } from "@/parts/Words";
import { RuleInWords } from "@/rules/RuleInWords";
import { segmentQuery } from "@/rules/segments";
import message from "./Message.module.css";
import classes from "./Setup.module.css";

/** All that was chosen and written, and when it happened. */
export function SetupTab({ campaign }: { campaign: Campaign }) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" style={{ alignItems: "start" }}>
      <Texts campaign={campaign} />
      <Stack gap="lg">
        <Plan campaign={campaign} />
        <Life campaign={campaign} />
      </Stack>
    </SimpleGrid>
  );
}

function Texts({ campaign }: { campaign: Campaign }) {
  const { subject, message_template, html_template, template_version } = campaign;
  return (
    <Card component="section" aria-labelledby="texts">
      <Title order={2} id="texts" mb="md">
        Message{template_version > 1 && `, version ${template_version}`}
      </Title>
      <div className={message.mail}>
        <div className={message.subject}>{subject ?? "No subject"}</div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */}
        <section className={message.body} tabIndex={0} aria-label="The text as it is written">
          {message_template}
        </section>
      </div>
      {html_template !== null && (
        <>
          <Title order={3} mt="lg" mb="xs">
            HTML
          </Title>
          <div className={message.mail}>
            <HtmlFrame html={html_template} title="The HTML as it is written" maxHeight={480} />
          </div>
        </>
      )}
    </Card>
  );
}

function Plan({ campaign }: { campaign: Campaign }) {
  const segment = useQuery(segmentQuery(campaign.segment_id)).data;
  return (
    <Card component="section" aria-labelledby="plan">
      <Title order={2} id="plan" mb="md">
        Set-up
      </Title>
      <dl className={classes.facts}>
        <Fact term="Segment">
          <Anchor
            renderRoot={(props) => (
              <Link to="/segments/$segmentId" params={{ segmentId: campaign.segment_id }} {...props} />
            )}
          >
            {campaign.segment_name}
          </Anchor>
          <RuleInWords words={segment?.words} />
        </Fact>
        <Fact term="Kind">{typeLabel(campaign.campaign_type)}</Fact>
        <Fact term="Sent by">{vendorName(campaign.vendor)}</Fact>
        <Fact term="Hold-out">
          {campaign.holdout_percent === 0 ? "None" : `${campaign.holdout_percent} % get nothing`}
        </Fact>
        <Fact term="Opens, clicks">{campaign.track ? "Counted" : "Not counted"}</Fact>
        <Fact term="Made by">{campaign.created_by}</Fact>
      </dl>
    </Card>
  );
}

function Life({ campaign }: { campaign: Campaign }) {
  const moments: [string, string | null][] = [
    ["Made", campaign.created_at],
    ["Scheduled for", campaign.scheduled_at],
    ["Launched", campaign.launched_at],
    ["Audience ready", campaign.prepared_at],
    [campaign.status === "CANCELLED" ? "Cancelled" : "Finished", campaign.finished_at],
    ["Archived", campaign.archived_at],
  ];
  return (
    <Card component="section" aria-labelledby="life">
      <Title order={2} id="life" mb="md">
        When
      </Title>
      <dl className={classes.facts}>
        {moments
          .filter(([, time]) => time !== null)
          .map(([term, time]) => (
            <Fact key={term} term={term}>
              <ExactTime time={time} />
            </Fact>
          ))}
      </dl>
    </Card>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}
