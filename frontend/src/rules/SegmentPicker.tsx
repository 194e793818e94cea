import { Group, Select, type SelectProps, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { count, plural } from "@/words/numbers";
import { RuleInWords } from "./RuleInWords";
import { countQuery, listSegments, type Segment, segmentKeys, segmentQuery } from "./segments";
import { typingReplaces } from "./typing";

const SHOWN = 50;

interface Props extends Omit<SelectProps, "data" | "value" | "onChange" | "searchable" | "filter"> {
  label: string;
  /** The id of the segment, null for none. */
  value: string | null;
  onChange: (segmentId: string | null, segment: Segment | null) => void;
  /** Says below whom it matches, and how many they are. */
  withSummary?: boolean;
}

/** Choosing a segment by typing a part of its name. */
export function SegmentPicker({ value, onChange, withSummary = true, ...rest }: Props) {
  const [typed, setTyped] = useState("");
  const picked = useQuery({ ...segmentQuery(value ?? ""), enabled: value !== null }).data ?? null;
  const asked = picked && typed === picked.name ? "" : typed.trim();
  const [q] = useDebouncedValue(asked, 150);
  const found = useQuery({
    queryKey: [...segmentKeys.list(q), "few"],
    queryFn: ({ signal }) => listSegments(q, SHOWN, undefined, signal),
    placeholderData: keepPreviousData,
  });
  const listed = found.data?.items ?? [];
  const segments =
    picked && !listed.some((each) => each.segment_id === picked.segment_id) ? [picked, ...listed] : listed;
  const choose = (id: string | null) =>
    onChange(id, segments.find((segment) => segment.segment_id === id) ?? null);
  return (
    <Stack gap={6}>
      <Select
        placeholder="Choose a segment"
        nothingFoundMessage={found.isPending ? "Looking…" : "No segment by that name"}
        maxDropdownHeight={280}
        {...rest}
        searchable
        {...typingReplaces}
        data={segments.map(({ segment_id, name }) => ({ value: segment_id, label: name }))}
        value={value}
        onChange={choose}
        searchValue={typed}
        onSearchChange={setTyped}
        filter={({ options }) => options}
        renderOption={({ option }) => (
          <Option segment={segments.find((each) => each.segment_id === option.value)} />
        )}
      />
      {withSummary && picked && <Summary segment={picked} />}
    </Stack>
  );
}

function Option({ segment }: { segment: Segment | undefined }) {
  return (
    <Stack gap={0} miw={0}>
      <Text size="md">{segment?.name}</Text>
      {segment?.words && (
        <Text size="xs" c="dimmed" lineClamp={1}>
          {segment.words}
        </Text>
      )}
    </Stack>
  );
}

function Summary({ segment }: { segment: Segment }) {
  const matching = useQuery(countQuery(segment.rules));
  return (
    <Group gap="xs" align="baseline" wrap="nowrap" aria-live="polite">
      {matching.data !== undefined && (
        <Text
          size="md"
          fw={600}
          className="num"
          style={{ whiteSpace: "nowrap" }}
          title={count(matching.data)}
        >
          {plural(matching.data, "person", "people")}
        </Text>
      )}
      <RuleInWords words={segment.words} />
    </Group>
  );
}
