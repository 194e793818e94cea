import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState, useSyncExternalStore } from "react";
import { keys } from "@/api/keys";
import { asProblem } from "@/api/problem";
import type { Campaign } from "@/campaigns/model";
import { campaignKeys } from "@/campaigns/queries";
import { changeCampaign } from "@/campaigns/requests";
import { Autosave, type Saving } from "./autosave";
import { type Change, type FieldErrors, type Fields, fieldsOf, toChanges } from "./fields";

export interface Draft {
  fields: Fields;
  change: Change;
  saving: Saving;
  /** What the API said of fields that could not be saved. */
  errors: FieldErrors;
  /** Saves now; whether everything is saved then. */
  flush: () => Promise<boolean>;
  isSaved: () => boolean;
}

/** A draft that is saved as it is written. */
export function useDraft(campaign: Campaign): Draft {
  const client = useQueryClient();
  const [fields, setFields] = useState(() => fieldsOf(campaign));
  const id = campaign.campaign_id;
  const autosave = useMemo(
    () =>
      new Autosave<Fields>(async (changes) => {
        client.setQueryData(keys.campaign(id), await changeCampaign(id, toChanges(changes)));
        client.invalidateQueries({ queryKey: campaignKeys.lists });
      }),
    [client, id],
  );
  const saving = useSyncExternalStore(autosave.watch, autosave.read);
  const change = useCallback<Change>(
    (changes) => {
      setFields((before) => ({ ...before, ...changes }));
      autosave.change(changes);
    },
    [autosave],
  );
  const errors = saving.error ? errorsByField(saving.error) : {};
  const flush = useCallback(() => autosave.flush(), [autosave]);
  const isSaved = useCallback(() => autosave.isSaved, [autosave]);
  return { fields, change, saving, errors, flush, isSaved };
}

/** All that was said of a field, one after the other. */
export function errorsByField(error: unknown): FieldErrors {
  const errors: FieldErrors = {};
  for (const { field, message } of asProblem(error).fields) {
    errors[field] = errors[field] ? `${errors[field]}; ${message}` : message;
  }
  return errors;
}
