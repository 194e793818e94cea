import { Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useInstallation } from "@/api/session";
import { count } from "@/words/numbers";
import classes from "./StartingPoints.module.css";
import { countQuery } from "./segments";
import { type StartingPoint, startingPoints } from "./startingPoints";

/** Ready rules for an empty builder. */
export function StartingPoints({ onChoose }: { onChoose: (point: StartingPoint) => void }) {
  const { currency } = useInstallation();
  return (
    <section aria-labelledby="points-title">
      <Text size="sm" c="dimmed" mb={8} id="points-title">
        Or begin with one of these
      </Text>
      <div className={classes.points}>
        {startingPoints(currency).map((point) => (
          <Point key={point.name} point={point} onChoose={() => onChoose(point)} />
        ))}
      </div>
    </section>
  );
}

function Point({ point, onChoose }: { point: StartingPoint; onChoose: () => void }) {
  const matching = useQuery(countQuery(point.rules)).data;
  return (
    <UnstyledButton className={classes.point} onClick={onChoose}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={500}>{point.name}</Text>
        {matching !== undefined && (
          <Text size="sm" c="dimmed" className="num" aria-label={`${count(matching)} customers`}>
            {count(matching)}
          </Text>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {point.description}
      </Text>
    </UnstyledButton>
  );
}
