import { TextInput } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import { isBlank } from "../values";
import "@mantine/dates/styles.css";

interface Props {
  "aria-label": string;
  "aria-describedby": string | undefined;
  size: "sm";
  error: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day by calendar. A moment, which only programs give, is edited as text. */
export function DateValue({ value, onChange, ...rest }: Props) {
  if (!isBlank(value) && !DAY.test(String(value))) {
    return (
      <TextInput {...rest} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />
    );
  }
  return (
    <DatePickerInput
      {...rest}
      value={isBlank(value) ? null : String(value)}
      onChange={(day) => onChange(day ?? "")}
      valueFormat="D MMM YYYY"
      placeholder="choose a day"
      leftSection={<IconCalendar size={15} aria-hidden />}
      popoverProps={{ withinPortal: true }}
    />
  );
}
