import { ActionIcon, Button, Group, Input, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { labelOf } from "@/rules/fields";
import classes from "../customers.module.css";
import type { Attribute, AttributeType } from "./correction";

interface Props {
  attributes: readonly Attribute[];
  wrong: Record<string, string>;
  onChange: (attributes: Attribute[]) => void;
}

const TYPES = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "yes-no", label: "Yes or no" },
];

const YES_NO = [
  { value: "true", label: "Yes" },
  { value: "false", label: "No" },
];

/** Attributes with their values; new ones get a name and a type. */
export function Attributes({ attributes, wrong, onChange }: Props) {
  const set = (id: string, change: Partial<Attribute>) =>
    onChange(attributes.map((each) => (each.id === id ? { ...each, ...change } : each)));
  const add = () => {
    const id = `new ${Date.now()} ${attributes.length}`;
    onChange([...attributes, { id, key: "", type: "text", value: "", isNew: true }]);
  };
  return (
    <Stack gap={8} role="group" aria-label="Attributes">
      <Input.Label component="div">Attributes</Input.Label>
      {attributes.map((attribute) => (
        <Line
          key={attribute.id}
          attribute={attribute}
          wrong={wrong[attribute.id]}
          onChange={(change) => set(attribute.id, change)}
          onRemove={() => onChange(attributes.filter(({ id }) => id !== attribute.id))}
        />
      ))}
      <Group>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={add}
        >
          Attribute
        </Button>
      </Group>
    </Stack>
  );
}

interface LineProps {
  attribute: Attribute;
  wrong: string | undefined;
  onChange: (change: Partial<Attribute>) => void;
  onRemove: () => void;
}

function Line({ attribute, wrong, onChange, onRemove }: LineProps) {
  const { key, type, value, isNew } = attribute;
  const name = key || "new attribute";
  return (
    <div className={classes.attribute}>
      {isNew ? (
        <TextInput
          aria-label="Name of the attribute"
          placeholder="name"
          value={key}
          maxLength={255}
          error={wrong}
          onChange={(event) => onChange({ key: event.currentTarget.value })}
        />
      ) : (
        <span className="clip" title={key}>
          {labelOf(`attributes.${key}`, [])}
        </span>
      )}
      <Select
        aria-label={`Kind of ${name}`}
        data={TYPES}
        value={type}
        allowDeselect={false}
        onChange={(next) =>
          next && onChange({ type: next as AttributeType, value: next === "yes-no" ? "true" : value })
        }
      />
      {type === "yes-no" ? (
        <Select
          aria-label={`Value of ${name}`}
          data={YES_NO}
          value={value}
          allowDeselect={false}
          onChange={(next) => next && onChange({ value: next })}
        />
      ) : (
        <TextInput
          aria-label={`Value of ${name}`}
          value={value}
          inputMode={type === "number" ? "decimal" : "text"}
          error={isNew && type !== "number" ? undefined : wrong}
          onChange={(event) => onChange({ value: event.currentTarget.value })}
        />
      )}
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={onRemove}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  );
}
