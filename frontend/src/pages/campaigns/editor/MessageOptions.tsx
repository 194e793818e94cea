import { Card, Radio, SimpleGrid, Stack, Switch, Text } from "@mantine/core";
import { useInstallation } from "@/api/session";
import { TYPES } from "@/campaigns/model";
import { Choice } from "./Choice";
import type { Change, Fields } from "./fields";

interface Props {
  fields: Pick<Fields, "campaign_type" | "track" | "html_template">;
  change: Change;
}

/** What kind of message it is, and whether opens and clicks are counted. */
export function MessageOptions({ fields, change }: Props) {
  return (
    <Card>
      <Stack gap="lg">
        <Radio.Group
          label="Kind of message"
          value={fields.campaign_type}
          onChange={(value) => change({ campaign_type: value as Fields["campaign_type"] })}
        >
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs" mt={6}>
            {TYPES.map(({ value, label, text }) => (
              <Choice key={value} value={value} label={label} text={text} />
            ))}
          </SimpleGrid>
        </Radio.Group>
        <Tracking track={fields.track} hasHtml={fields.html_template !== null} change={change} />
      </Stack>
    </Card>
  );
}

function Tracking({ track, hasHtml, change }: { track: boolean; hasHtml: boolean; change: Change }) {
  const { can_track } = useInstallation();
  return (
    <Stack gap={6}>
      <Switch
        label="Count who opens and clicks"
        description="Links lead through this installation, and a transparent dot says that a mail was opened. In many places people have to agree to that first."
        checked={track}
        onChange={(event) => change({ track: event.currentTarget.checked })}
      />
      {track && !hasHtml && (
        <Text size="sm" c="var(--x-warn)" pl={48}>
          Only HTML can be counted: add an HTML version above.
        </Text>
      )}
      {track && !can_track && (
        <Text size="sm" c="var(--x-warn)" pl={48}>
          This installation has no public address, so links in messages would only work on this computer. An
          admin sets it as XENCRM_PUBLIC_URL.
        </Text>
      )}
    </Stack>
  );
}
