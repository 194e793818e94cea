import "@mantine/core/styles/Notification.layer.css";
import "@mantine/notifications/styles.layer.css";
import { Notifications } from "@mantine/notifications";

/** Where toasts appear. What was shown before it is there waits. */
export function Toasts() {
  return <Notifications position="bottom-right" limit={4} />;
}
