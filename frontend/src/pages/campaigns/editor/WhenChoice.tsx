import "@mantine/dates/styles.css";
import { Button, Card, Group, Radio, Stack, Text } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import { useInstallation } from "@/api/session";
import { ago, shortTime } from "@/words/times";
import { Choice } from "./Choice";
import { daysAhead, daysToMonday, momentOf, wallTime } from "./zone";

interface Props {
  at: string | undefined;
  setAt: (at: string | undefined) => void;
}

/** Right after the launch, or at a time. */
export function WhenChoice({ at, setAt }: Props) {
  const { time_zone } = useInstallation();
  const moment = at === undefined ? null : momentOf(at, time_zone);
  const passed = moment !== null && moment.getTime() <= Date.now();
  return (
    <Card>
      <Radio.Group
        label="When"
        value={at === undefined ? "now" : "later"}
        onChange={(value) => setAt(value === "now" ? undefined : daysAhead(1, 9, time_zone))}
      >
        <Stack gap="xs" mt={6}>
          <Choice value="now" label="Right away" text="The moment you launch it." />
          <Choice
            value="later"
            label="At a set time"
            text="It begins by itself, with the customers who match at that moment."
          />
        </Stack>
      </Radio.Group>
      {at !== undefined && (
        <Stack gap="xs" mt="md">
          <Group gap="xs" align="flex-end">
            <DateTimePicker
              label="Date and time"
              value={`${at.replace("T", " ")}:00`}
              onChange={(value) => value && setAt(value.slice(0, 16).replace(" ", "T"))}
              minDate={wallTime(new Date(), time_zone).slice(0, 10)}
              valueFormat="D MMMM YYYY, HH:mm"
              error={passed ? "This time has passed" : undefined}
              w={260}
            />
            <Button variant="default" onClick={() => setAt(daysAhead(1, 9, time_zone))}>
              Tomorrow 9:00
            </Button>
            <Button variant="default" onClick={() => setAt(daysAhead(daysToMonday(time_zone), 9, time_zone))}>
              Monday 9:00
            </Button>
          </Group>
          <Text size="sm" c="dimmed">
            {moment !== null && !passed && `${capital(ago(moment))}: ${shortTime(moment, time_zone)}. `}
            Times are those of {time_zone.replaceAll("_", " ")}.
          </Text>
        </Stack>
      )}
    </Card>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
