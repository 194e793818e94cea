import type { SyntheticEvent } from "react";

const select = (event: SyntheticEvent<HTMLInputElement>) => event.currentTarget.select();

/** For searchable choices: what is typed takes the place of what is chosen. */
export const typingReplaces = { onFocus: select, onClick: select };
