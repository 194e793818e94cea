import { Text, type TextProps } from "@mantine/core";

interface Props extends TextProps {
  /** What the API says of the rule: `words` of a segment or of a preview. */
  words: string | undefined;
}

/** A rule as a sentence. */
export function RuleInWords({ words, ...rest }: Props) {
  return (
    <Text size="md" c="dimmed" style={{ overflowWrap: "anywhere" }} {...rest}>
      {words ?? ""}
    </Text>
  );
}
