import { ActionIcon, Button, Group, Select, Text, Tooltip } from "@mantine/core";
import { IconCopy, IconPlus, IconX } from "@tabler/icons-react";
import { Fragment } from "react";
import { type RuleGroupProps, type RuleGroupType, type RuleType, useRuleGroup } from "react-querybuilder";
import { isFormGroup } from "../form";
import classes from "./builder.module.css";
import { addButtonId, focusLater, type Surroundings } from "./surroundings";

/** How the parts of a group go together: combinator and not, in one choice. */
const WAYS = [
  { value: "and", label: "all of these" },
  { value: "or", label: "any of these" },
  { value: "not or", label: "none of these" },
  { value: "not and", label: "not all of these" },
];

const MOST_DEPTH = 8;

/** Conditions and groups that go together. */
export function GroupBox(props: RuleGroupProps) {
  const rg = useRuleGroup(props);
  const { schema, actions, path, translations, context, pathsMemo } = rg;
  const group = rg.ruleGroup as RuleGroupType;
  const { messages } = context as Surroundings;
  const { rule: Condition, ruleGroup: Subgroup } = schema.controls;
  const depth = path.length;
  const message = messages.get(group.id ?? "");
  const joined = group.combinator === "or" ? "or" : "and";
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a grid everywhere
    <div
      role="group"
      aria-label={depth === 0 ? "Rule" : "Group"}
      className={classes.group}
      data-depth={depth}
    >
      <Head {...rg} group={group} depth={depth} />
      {group.rules.length > 0 && (
        <div className={classes.parts}>
          {(group.rules as (RuleType | RuleGroupType)[]).map((part, index) => {
            const at = pathsMemo[index];
            if (at === undefined) return null;
            const shared = { schema, actions, path: at.path, translations, context, id: part.id };
            return (
              <Fragment key={part.id}>
                <span className={classes.joint} data-first={index === 0 || undefined}>
                  {index > 0 && joined}
                </span>
                {isFormGroup(part) ? (
                  <Subgroup {...shared} ruleGroup={part} />
                ) : (
                  <Condition {...shared} rule={part} />
                )}
              </Fragment>
            );
          })}
        </div>
      )}
      {message !== undefined && (
        <Text size="sm" className={classes.message} role="status">
          {message}
        </Text>
      )}
      <Group gap={4} className={classes.adding} data-alone={group.rules.length === 0 || undefined}>
        <Button
          id={addButtonId(group.id)}
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => rg.addRule()}
        >
          Condition
        </Button>
        {depth < MOST_DEPTH - 1 && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => rg.addGroup()}
          >
            Group
          </Button>
        )}
      </Group>
    </div>
  );
}

type HeadProps = ReturnType<typeof useRuleGroup> & { group: RuleGroupType; depth: number };

function Head({ group, depth, schema, actions, path, cloneGroup, removeGroup }: HeadProps) {
  const choose = (way: string | null) => {
    if (way === null) return;
    actions.onPropChange("combinator", way.endsWith("or") ? "or" : "and", path);
    actions.onPropChange("not", way.startsWith("not"), path);
  };
  const drop = () => {
    removeGroup();
    focusLater(addButtonId(schema.getQuery().id));
  };
  return (
    <div className={classes.head}>
      <Group gap={8} wrap="nowrap" miw={0}>
        <Text size="md" className={classes.lead}>
          {depth === 0 ? "Customers who match" : "Match"}
        </Text>
        <Select
          aria-label="How the conditions go together"
          data={WAYS}
          value={`${group.not ? "not " : ""}${group.combinator === "or" ? "or" : "and"}`}
          onChange={choose}
          allowDeselect={false}
          size="xs"
          w={148}
          checkIconPosition="right"
        />
      </Group>
      {depth > 0 && (
        <div className={classes.actions}>
          <Tooltip label="Duplicate">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label="Duplicate group"
              onClick={() => cloneGroup()}
            >
              <IconCopy size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Remove">
            <ActionIcon variant="subtle" color="gray" aria-label="Remove group" onClick={drop}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </div>
      )}
    </div>
  );
}
