import { Stack, Text, UnstyledButton } from "@mantine/core";
import { useCan, useSession } from "@/api/session";
import classes from "./assistant.module.css";

const LOOKING = [
  "Sum up my latest campaign with its numbers",
  "Who are my best customers, and when did they last order?",
];
const WRITING = ["Prepare a campaign for good customers who have not ordered for 90 days"];

/** What one could begin with. */
export function Suggestions({ onChoose, busy }: { onChoose: (text: string) => void; busy: boolean }) {
  const name = useSession()?.person.name.split(" ")[0];
  const offered = useCan("marketer") ? [...WRITING, ...LOOKING] : LOOKING;
  const doing = useCan("marketer") ? ", or say what to prepare" : "";
  return (
    <Stack gap="xs">
      <Text>
        Hello{name ? ` ${name}` : ""}. Ask about your customers and campaigns{doing}.
      </Text>
      {offered.map((text) => (
        <UnstyledButton
          key={text}
          className={classes.suggestion}
          disabled={busy}
          onClick={() => onChoose(text)}
        >
          {text}
        </UnstyledButton>
      ))}
    </Stack>
  );
}
