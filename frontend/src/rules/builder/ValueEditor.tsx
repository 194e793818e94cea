import { Autocomplete, NumberInput, type NumberInputProps, Select, TagsInput, Text } from "@mantine/core";
import { label as statusLabel } from "@/words/labels";
import type { Field, ValueKind } from "../fields";
import { isNumeric } from "../fields";
import { takes } from "../operators";
import { isBlank, many, one, pair, readNumber } from "../values";
import classes from "./builder.module.css";
import { DateValue } from "./DateValue";
import { symbolOf } from "./symbol";

interface Props {
  field: Field;
  kind: ValueKind;
  operator: string;
  value: unknown;
  onChange: (value: unknown) => void;
  currency: string;
  /** The name of the field. */
  label: string;
  /** The id of the message that says what is wrong with the value. */
  describedBy: string | undefined;
}

/** The editor for what the field holds and the comparison takes. */
export function ValueEditor(props: Props) {
  const { kind, operator, value, onChange } = props;
  switch (takes(operator)) {
    case "none":
      return null;
    case "many":
      return <Several {...props} />;
    case "two": {
      const [low, high] = pair(value);
      const ends = kind === "date" ? ["First day", "Last day"] : ["Lowest", "Highest"];
      return (
        <div className={classes.pair}>
          <Single {...props} name={ends[0] ?? ""} value={low} onChange={(next) => onChange([next, high])} />
          <Text span size="sm" c="dimmed">
            and
          </Text>
          <Single {...props} name={ends[1] ?? ""} value={high} onChange={(next) => onChange([low, next])} />
        </div>
      );
    }
    default:
      return <Single {...props} name="Value" value={one(value)} />;
  }
}

function numberLook(kind: ValueKind, currency: string, name: string): NumberInputProps {
  if (kind === "money")
    return { prefix: symbolOf(currency), decimalScale: 2, placeholder: `${symbolOf(currency)}0` };
  if (kind === "days") return { suffix: " days", decimalScale: 0, placeholder: "days" };
  return { placeholder: name === "Value" ? "a number" : name.toLowerCase() };
}

function Single({
  field,
  kind,
  value,
  onChange,
  currency,
  label,
  name,
  describedBy,
}: Props & { name: string }) {
  const shared = {
    "aria-label": `${name} of ${label}`,
    "aria-describedby": describedBy,
    "aria-invalid": describedBy !== undefined || undefined,
    size: "sm",
    error: describedBy !== undefined,
    withErrorStyles: true,
  } as const;
  if (kind === "date") return <DateValue {...shared} value={value} onChange={onChange} />;
  if (kind === "yes-no") {
    const data = [
      { value: "true", label: "yes" },
      { value: "false", label: "no" },
    ];
    return (
      <Select
        {...shared}
        data={data}
        placeholder="yes or no"
        value={isBlank(value) ? null : String(value)}
        onChange={(next) => next !== null && onChange(next === "true")}
        allowDeselect={false}
      />
    );
  }
  if (kind === "choice") {
    const chosen = isBlank(value) ? null : String(value);
    const known =
      chosen !== null && !field.values.includes(chosen) ? [...field.values, chosen] : field.values;
    return (
      <Select
        {...shared}
        data={known.map((each) => ({ value: each, label: statusLabel(each) }))}
        value={chosen}
        onChange={(next) => next !== null && onChange(next)}
        allowDeselect={false}
      />
    );
  }
  if (isNumeric(kind)) {
    return (
      <NumberInput
        {...shared}
        {...numberLook(kind, currency, name)}
        value={isBlank(value) ? "" : (value as number | string)}
        onChange={onChange}
        thousandSeparator=","
        hideControls
        inputMode={kind === "days" ? "numeric" : "decimal"}
      />
    );
  }
  return (
    <Autocomplete
      {...shared}
      data={field.values}
      placeholder="a text"
      value={String(value ?? "")}
      onChange={onChange}
      limit={20}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
    />
  );
}

/** Several values as tags; a comma or Enter ends one. */
function Several({ field, kind, value, onChange, label, describedBy }: Props) {
  const tags = many(value).map(String);
  const numbers = (texts: string[]) =>
    texts.map((text) => (Number.isFinite(readNumber(text)) ? readNumber(text) : text));
  return (
    <TagsInput
      aria-label={`Values of ${label}`}
      aria-describedby={describedBy}
      error={describedBy !== undefined}
      size="sm"
      classNames={{ inputField: tags.length > 0 ? classes.idleField : undefined }}
      data={field.values}
      limit={20}
      value={tags}
      onChange={(texts) => onChange(isNumeric(kind) ? numbers(texts) : texts)}
      splitChars={[",", ";", "\n"]}
      acceptValueOnBlur
      placeholder={tags.length === 0 ? "type and press Enter" : undefined}
    />
  );
}
