import { Alert, type AlertProps } from '@mantine/core';
import classes from './notice.module.css';

/** Says calmly that something isn't possible, and what is. */
export function Notice(props: AlertProps) {
  return <Alert {...props} classNames={classes} />;
}
