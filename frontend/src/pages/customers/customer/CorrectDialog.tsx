import { Modal, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ProblemAlert } from "@/parts/ProblemAlert";
import { getCustomer } from "../requests";
import { CorrectForm } from "./CorrectForm";

interface Props {
  customerId: string;
  opened: boolean;
  onClose: () => void;
}

/** Correcting what is known of a customer, as it is kept by now. */
export function CorrectDialog({ customerId, opened, onClose }: Props) {
  const query = useQuery({
    queryKey: ["customers", "master", customerId],
    queryFn: ({ signal }) => getCustomer(customerId, signal),
    enabled: opened,
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <Modal opened={opened} onClose={onClose} title="Correct details" size="lg">
      <ProblemAlert error={query.error} retry={() => query.refetch()} />
      {query.data && !query.isFetching && <CorrectForm customer={query.data} onClose={onClose} />}
      {query.isFetching && <Skeleton h={320} aria-label="Loading" />}
    </Modal>
  );
}
