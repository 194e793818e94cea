import { Button, Card, Group, NumberInput, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { countQuery, segmentQuery } from "@/rules/segments";
import { count } from "@/words/numbers";
import type { Change, Fields } from "./fields";

const USUAL = [0, 5, 10, 20];
const MOST = 50;

/** Who gets nothing, so that it can be told what the campaign changed. */
export function Holdout({ fields, change }: { fields: Fields; change: Change }) {
  const { holdout_percent, segment_id } = fields;
  const segment = useQuery(segmentQuery(segment_id)).data;
  const people = useQuery({ ...countQuery(segment?.rules), enabled: segment !== undefined }).data;
  const out = people === undefined ? null : Math.round((people * holdout_percent) / 100);
  const set = (value: number) => change({ holdout_percent: Math.min(Math.max(Math.round(value), 0), MOST) });
  return (
    <Card>
      <Group gap="xs" align="flex-end">
        <NumberInput
          label="Hold-out"
          value={holdout_percent}
          onChange={(value) => typeof value === "number" && set(value)}
          min={0}
          max={MOST}
          allowDecimal={false}
          allowNegative={false}
          clampBehavior="strict"
          suffix=" %"
          w={110}
        />
        {USUAL.map((value) => (
          <Button
            key={value}
            variant={value === holdout_percent ? "light" : "default"}
            aria-pressed={value === holdout_percent}
            onClick={() => set(value)}
          >
            {value === 0 ? "None" : `${value} %`}
          </Button>
        ))}
      </Group>
      <Text size="md" mt="sm" maw={620}>
        {holdout_percent === 0
          ? "Everyone in the segment gets the message. You will see its orders, but not what people would have bought without it."
          : `${out === null ? `${holdout_percent} in 100` : `About ${count(out)} of ${count(people ?? 0)}`} people, picked by chance, get nothing. ` +
            "A week later their orders are compared with everyone else's: the difference is what the campaign really earned."}
      </Text>
      {out !== null && holdout_percent > 0 && out < 100 && (
        <Text size="sm" c="dimmed" mt={4}>
          With fewer than 100 people held out, only large differences can be told from chance.
        </Text>
      )}
    </Card>
  );
}
