import { useMemo } from 'react';
import { useLogin } from './api/session.ts';

/** English, written as where the browser is from: 24/11/2026 or 11/24/2026 is a matter of the country. */
const OF_THE_BROWSER = Intl.DateTimeFormat().resolvedOptions().locale;
const LOCALE = /^en\b/.test(OF_THE_BROWSER) ? OF_THE_BROWSER : 'en-GB';

export interface Times {
  /** 24 Nov 2026 */
  date(instant: string | Date): string;
  /** 24 Nov 2026, 14:05 */
  dateTime(instant: string | Date): string;
  /** 14:05 */
  time(instant: string | Date): string;
  /** 24 Nov 2026, 14:05:09.123 GMT */
  exact(instant: string | Date): string;
}

const EXACT: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
};

/** Instants in the zone of the clinic, wherever the device is. */
export function timesIn(timeZone: string): Times {
  const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' };
  const hour: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
  const write = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone });
    return (instant: string | Date) => format.format(new Date(instant));
  };
  return { date: write(day), dateTime: write({ ...day, ...hour }), time: write(hour), exact: write({ ...day, ...EXACT }) };
}

/** timesIn the clinic of whoever is signed in. */
export function useTimes(): Times {
  const timeZone = useLogin()?.me?.clinic.timeZone ?? 'UTC';
  return useMemo(() => timesIn(timeZone), [timeZone]);
}
