import { TextInput } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import dayjs from "dayjs";
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

const LABELS = {
  nextMonth: "Next month",
  previousMonth: "Previous month",
  nextYear: "Next year",
  previousYear: "Previous year",
  nextDecade: "Next ten years",
  previousDecade: "Ten years before",
};
const FORMAT = "D MMM YYYY";
const NO_DAY = "choose a day";
const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day by calendar. A moment, which only programs give, is edited as text. */
export function DateValue({ value, onChange, ...rest }: Props) {
  if (!isBlank(value) && !DAY.test(String(value))) {
    return (
      <TextInput {...rest} value={String(value)} onChange={(event) => onChange(event.currentTarget.value)} />
    );
  }
  const shown = isBlank(value) ? NO_DAY : dayjs(String(value)).format(FORMAT);
  return (
    <DatePickerInput
      {...rest}
      aria-label={`${rest["aria-label"]}: ${shown}`}
      value={isBlank(value) ? null : String(value)}
      onChange={(day) => onChange(day ?? "")}
      valueFormat={FORMAT}
      placeholder={NO_DAY}
      ariaLabels={LABELS}
      hideOutsideDates
      weekendDays={[]}
      popoverProps={{ trapFocus: true, returnFocus: true, withRoles: false }}
    />
  );
}
