import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { MantineValueSelector } from "@react-querybuilder/mantine";
import { IconCopy, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { type FullOptionList, getParentPath, type RuleProps, useRule } from "react-querybuilder";
import { kindOf, labelOf, unlisted } from "../fields";
import { operatorsOf, operatorWords, takes } from "../operators";
import { typingReplaces } from "../typing";
import classes from "./builder.module.css";
import type { Surroundings } from "./surroundings";
import { addButtonId, focusLater } from "./surroundings";
import { ValueEditor } from "./ValueEditor";

/** Field, comparison and value on one line; below it what is wrong with them. */
export function ConditionRow(props: RuleProps) {
  const { rule, path, schema, fieldData, generateOnChangeHandler, cloneRule, removeRule } = useRule(props);
  const { fields, currency, messages, fresh } = props.context as Surroundings;
  const row = useRef<HTMLDivElement>(null);
  const id = rule.id ?? "";
  useEffect(() => {
    if (fresh.id !== id) return;
    fresh.id = null;
    row.current?.querySelector("input")?.focus();
  }, [fresh, id]);

  const field = fields.find((each) => each.name === rule.field) ?? unlisted(rule.field);
  const kind = kindOf(field, rule.value);
  const label = labelOf(rule.field, fields);
  const message = messages.get(id);
  const messageId = `${id}-message`;
  const place = (path.at(-1) ?? 0) + 1;
  const amount = takes(rule.operator);
  const comparison = operatorWords(rule.operator, kind, rule.field);
  const shared = { schema, path, level: path.length, fieldData, rule, field: rule.field };
  const drop = () => {
    removeRule();
    const group = parentIdOf(props);
    focusLater(addButtonId(group));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid everywhere
    <div
      ref={row}
      role="group"
      aria-label={`Condition ${place}: ${label} ${comparison}`}
      className={classes.condition}
      data-takes={kind === "date" && amount === "two" ? "days" : amount}
    >
      <MantineValueSelector
        {...shared}
        options={schema.fields as FullOptionList<never>}
        value={rule.field}
        handleOnChange={generateOnChangeHandler("field")}
        className={classes.field}
        {...selecting("Field", true)}
      />
      <MantineValueSelector
        {...shared}
        options={operatorsOf(field, rule).map((each) => ({ ...each, value: each.name }))}
        value={rule.operator}
        handleOnChange={generateOnChangeHandler("operator")}
        className={classes.operator}
        {...selecting("Comparison", false)}
      />
      <div className={classes.value}>
        <ValueEditor
          field={field}
          kind={kind}
          operator={rule.operator}
          value={rule.value}
          onChange={generateOnChangeHandler("value")}
          currency={currency}
          label={label}
          describedBy={message === undefined ? undefined : messageId}
        />
      </div>
      <div className={classes.actions}>
        <Tooltip label="Duplicate">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Duplicate condition ${place}`}
            onClick={() => cloneRule()}
          >
            <IconCopy size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Remove">
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove condition ${place}`} onClick={drop}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      {message !== undefined && (
        <Text id={messageId} size="sm" className={classes.message}>
          {message}
        </Text>
      )}
    </div>
  );
}

/** What a selector hands on to Mantine's Select. */
function selecting(label: string, searchable: boolean): object {
  return {
    "aria-label": label,
    searchable,
    ...(searchable ? typingReplaces : {}),
    allowDeselect: false,
    size: "sm",
    maxDropdownHeight: 320,
    checkIconPosition: "right",
    comboboxProps: { withinPortal: true, width: "max-content", position: "bottom-start" },
    nothingFoundMessage: "Nothing by that name",
  };
}

function parentIdOf({ schema, path }: RuleProps): string | undefined {
  let group = schema.getQuery();
  for (const index of getParentPath(path)) {
    const child = group.rules[index];
    if (typeof child !== "object" || !("rules" in child)) return undefined;
    group = child;
  }
  return group.id;
}
