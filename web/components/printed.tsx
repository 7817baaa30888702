import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import { useMe } from '../api/session.ts';
import { t } from '../messages/index.ts';
import { useTimes } from '../time.ts';
import classes from './printed.module.css';

const print = matchMedia('print');

/** What a printed page has to state: the clinic, the time and the person. Dark pages are printed as light ones, since paper is white. */
export function Printed() {
  const { name, clinic } = useMe();
  const times = useTimes();
  const [at, setAt] = useState<Date>();
  useEffect(() => {
    const { dataset } = document.documentElement;
    let before: string | undefined;
    const onChange = () => {
      if (print.matches) before = dataset['mantineColorScheme'];
      dataset['mantineColorScheme'] = print.matches ? 'light' : before;
      // The browser takes its picture as soon as this returns.
      flushSync(() => setAt(print.matches ? new Date() : undefined));
    };
    print.addEventListener('change', onChange);
    return () => print.removeEventListener('change', onChange);
  }, []);
  return (
    at && (
      <Text size="sm" className={classes.printed}>
        {t('shell.printed', { clinic: clinic.name, when: times.dateTime(at), name })}
      </Text>
    )
  );
}
