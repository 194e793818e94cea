import { Button, Group } from "@mantine/core";
import { IconUserSearch, IconUsers } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useCan } from "@/api/session";
import { DataTable, type Sorting } from "@/parts/DataTable";
import { EmptyState } from "@/parts/EmptyState";
import { PageHeader } from "@/parts/PageHeader";
import { SearchInput } from "@/parts/SearchInput";
import { useKeyset } from "@/parts/useKeyset";
import { useFields } from "@/rules/fields";
import { plural } from "@/words/numbers";
import { columnsFor } from "./columns";
import classes from "./customers.module.css";
import { ActiveFilter, FilterButton } from "./Filter";
import { countAndWords } from "./filterQuery";
import { customerKeys, listProfiles, type Profile } from "./requests";
import { type CustomersSearch, DEFAULT_SORT, type Sort } from "./search";

const PAGE = 100;
const route = getRouteApi("/shell/customers");

const sortingOf = (sort: Sort): Sorting => ({
  key: sort.replace(/^-/, ""),
  descending: sort.startsWith("-"),
});

export function CustomersPage() {
  const { q = "", sort = DEFAULT_SORT, rules } = route.useSearch();
  const navigate = route.useNavigate();
  const change = (next: CustomersSearch) =>
    navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const list = useKeyset<Profile>(customerKeys.list(q, sort, rules), (cursor, signal) =>
    listProfiles({ q, sort, rules }, PAGE, cursor, signal),
  );
  const matching = useQuery({ ...countAndWords(rules), placeholderData: keepPreviousData });
  const hasCity = useFields().fields.some(({ name }) => name === "attributes.city");
  const narrowed = q !== "" || rules !== undefined;
  return (
    <>
      <PageHeader
        title="Customers"
        description={matching.data && `${q ? "Found among " : ""}${plural(matching.data.count, "customer")}`}
      />
      <Group mb="sm" gap="xs" wrap="nowrap">
        <SearchInput
          label="Search by name, e-mail or phone"
          value={q}
          onChange={(next) => change({ q: next || undefined })}
          className={classes.search}
        />
        <FilterButton rules={rules} onApply={(next) => change({ rules: next })} />
      </Group>
      {rules && <ActiveFilter words={matching.data?.words} onClear={() => change({ rules: undefined })} />}
      <DataTable
        label="Customers"
        columns={columnsFor(hasCity)}
        list={list}
        rowKey={(profile) => profile.customer_id}
        sort={sortingOf(sort)}
        onSort={({ key, descending }) => change({ sort: `${descending ? "-" : ""}${key}` as Sort })}
        empty={
          narrowed ? (
            <NobodyFound q={q} filtered={rules !== undefined} onAll={() => navigate({ search: {} })} />
          ) : (
            <NobodyYet />
          )
        }
      />
    </>
  );
}

function NobodyFound({ q, filtered, onAll }: { q: string; filtered: boolean; onAll: () => void }) {
  const searched = filtered ? `Nobody in the filter matches “${q}”.` : `Nobody matches “${q}”.`;
  return (
    <EmptyState
      icon={IconUserSearch}
      title="Nobody found"
      text={q ? searched : "Nobody matches the filter now."}
    >
      <Button variant="default" onClick={onAll}>
        Show all customers
      </Button>
    </EmptyState>
  );
}

function NobodyYet() {
  const mayLoad = useCan("marketer");
  return (
    <EmptyState
      icon={IconUsers}
      title="No customers yet"
      text="Customers appear here as your shop sends them. To look around first, load the sample data: a made-up shop that can be erased again."
    >
      {mayLoad && (
        <Button component={Link} to="/dashboard">
          Load sample data
        </Button>
      )}
    </EmptyState>
  );
}
