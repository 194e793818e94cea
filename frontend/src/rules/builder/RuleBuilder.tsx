import { QueryBuilderMantine } from "@react-querybuilder/mantine";
import { useMemo, useRef } from "react";
import {
  type Field as BuilderField,
  defaultOperators,
  generateID,
  QueryBuilder,
  type RuleGroupType,
  type RuleType,
} from "react-querybuilder";
import { useInstallation } from "@/api/session";
import { type Field, grouped, kindOf, labelOf } from "../fields";
import type { Form } from "../form";
import { operatorsOf } from "../operators";
import classes from "./builder.module.css";
import { ConditionRow } from "./ConditionRow";
import { GroupBox } from "./GroupBox";
import type { Surroundings } from "./surroundings";

interface Props {
  form: Form;
  onChange: (form: Form) => void;
  /** With those that the rule asks about and the API does not list. */
  fields: readonly Field[];
  /** What is wrong with a part, by its id. */
  messages: ReadonlyMap<string, string>;
}

const CONTROLS = { rule: ConditionRow, ruleGroup: GroupBox };

/** A rule built by clicking: conditions in groups of any depth. */
export function RuleBuilder({ form, onChange, fields, messages }: Props) {
  const { currency } = useInstallation();
  const fresh = useRef<string | null>(null);
  const offered = useMemo(() => options(fields), [fields]);
  const surroundings = useMemo<Surroundings>(
    () => ({
      fields,
      currency,
      messages,
      fresh: {
        get id() {
          return fresh.current;
        },
        set id(id) {
          fresh.current = id;
        },
      },
    }),
    [fields, currency, messages],
  );
  const remember = <Part extends RuleType | RuleGroupType>(part: Part): Part => {
    const known = { ...part, id: part.id ?? generateID() };
    fresh.current = known.id;
    return known;
  };
  const named = (name: string) => fields.find((field) => field.name === name);
  return (
    <div className={classes.builder}>
      <QueryBuilderMantine>
        <QueryBuilder
          query={form}
          onQueryChange={onChange}
          enableMountQueryChange={false}
          fields={offered}
          operators={defaultOperators}
          getOperators={(name) => {
            const field = named(name);
            return field ? operatorsOf(field) : null;
          }}
          getDefaultOperator={(name) => {
            const field = named(name);
            return (field && operatorsOf(field)[0]?.name) ?? "=";
          }}
          getDefaultValue={({ field: name }) => {
            const field = named(name);
            return field && kindOf(field) === "choice" ? (field.values[0] ?? "") : "";
          }}
          addRuleToNewGroups
          onAddRule={remember}
          onAddGroup={(group) => {
            const first = group.rules[0];
            if (first && typeof first === "object" && "field" in first) fresh.current = first.id ?? null;
            return group;
          }}
          controlElements={CONTROLS}
          context={surroundings}
        />
      </QueryBuilderMantine>
    </div>
  );
}

function options(fields: readonly Field[]) {
  return grouped(fields).map(({ label, options }) => ({
    label,
    options: options.map(({ name }): BuilderField => ({ name, value: name, label: labelOf(name, fields) })),
  }));
}
