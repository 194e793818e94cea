import { Select, type SelectProps, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUserSearch } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api/client";
import { typingReplaces } from "./typing";

const SHOWN = 20;

export interface Picked {
  customer_id: string;
  name: string;
  email: string;
}

interface Props extends Omit<SelectProps, "data" | "value" | "onChange" | "searchable" | "filter"> {
  label: string;
  value: Picked | null;
  onChange: (customer: Picked | null) => void;
}

/** Choosing a customer by typing a part of the name or the address. */
export function CustomerPicker({ value, onChange, ...rest }: Props) {
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(value && typed === value.name ? "" : typed.trim(), 150);
  const found = useQuery({
    queryKey: ["customers", "few", q],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/profiles", { params: { query: { q, limit: SHOWN } }, signal })),
    placeholderData: keepPreviousData,
  });
  const listed: Picked[] = found.data?.items ?? [];
  const customers =
    value && !listed.some(({ customer_id }) => customer_id === value.customer_id)
      ? [value, ...listed]
      : listed;
  const byId = (id: string | null) => customers.find(({ customer_id }) => customer_id === id) ?? null;
  return (
    <Select
      placeholder="Name or e-mail"
      nothingFoundMessage={found.isPending ? "Looking…" : "Nobody by that name"}
      leftSection={<IconUserSearch size={16} aria-hidden />}
      maxDropdownHeight={280}
      clearable
      {...rest}
      searchable
      {...typingReplaces}
      data={customers.map(({ customer_id, name }) => ({ value: customer_id, label: name }))}
      value={value?.customer_id ?? null}
      onChange={(id) => onChange(byId(id))}
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <Stack gap={0} miw={0}>
          <Text size="md">{option.label}</Text>
          <Text size="xs" c="dimmed" className="clip">
            {byId(option.value)?.email}
          </Text>
        </Stack>
      )}
    />
  );
}
