import { Anchor, Card, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Count, ExactTime } from "@/parts/Words";
import { labelOf } from "@/rules/fields";
import classes from "../customers.module.css";
import type { ProfileInFull } from "../requests";

/** Orders that were brought along are older than what is known of the customer. */
function orderedBefore({ last_order_at, created_at }: ProfileInFull): boolean {
  return last_order_at !== null && last_order_at < created_at;
}

/** Who the customer is. */
export function DetailsCard({ profile }: { profile: ProfileInFull }) {
  const attributes = Object.entries(profile.attributes).filter(([, value]) => value !== null && value !== "");
  return (
    <Card component="section" aria-labelledby="details-title">
      <Title order={2} id="details-title" mb="sm">
        Details
      </Title>
      <dl className={classes.details}>
        <Detail name="E-mail">
          <Anchor href={`mailto:${profile.email}`} inherit>
            {profile.email}
          </Anchor>
        </Detail>
        <Detail name="Phone">
          {profile.phone ? (
            <Anchor href={`tel:${profile.phone}`} inherit>
              {profile.phone}
            </Anchor>
          ) : (
            <Text span c="dimmed" inherit>
              not known
            </Text>
          )}
        </Detail>
        <Detail name={orderedBefore(profile) ? "Known here since" : "Customer since"}>
          <ExactTime time={profile.created_at} />
        </Detail>
        <Detail name="Visits">
          <Count value={profile.total_visits} />
        </Detail>
        {attributes.map(([key, value]) => (
          <Detail key={key} name={labelOf(`attributes.${key}`, [])}>
            {value === true ? "yes" : value === false ? "no" : String(value)}
          </Detail>
        ))}
      </dl>
    </Card>
  );
}

function Detail({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
