import { Notifications } from '@mantine/notifications';
import { Printed } from './printed.tsx';

/** What the frame doesn't need for the first paint. */
export function Afterwards() {
  return (
    <>
      <Notifications position="bottom-right" />
      <Printed />
    </>
  );
}
