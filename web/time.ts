import { useMemo } from 'react';
import { useLogin } from './api/session.ts';

/** English, written as where the browser is from: 24/11/2026 or 11/24/2026 is a matter of the country. */
const OF_THE_BROWSER = Intl.DateTimeFormat().resolvedOptions().locale;
const LOCALE = /^en\b/.test(OF_THE_BROWSER) ? OF_THE_BROWSER : 'en-GB';

export interface Times {
  /** 24 Nov 2026 */
  date(instant: string | Date): string;
  /** Of what ends at an instant; midnight would read as the next day: 24 Nov 2026 */
  lastDay(end: string): string;
  /** 24 Nov 2026, 14:05 */
  dateTime(instant: string | Date): string;
  /** 14:05 */
  time(instant: string | Date): string;
  /** A calendar day without a time, such as a birth date, YYYY-MM-DD: 17 May 1984 */
  day(date: string): string;
  /** Whole years since a birth date, today at the clinic. */
  age(birthDate: string): number;
  /** Today at the clinic, YYYY-MM-DD. */
  today(): string;
  /** 24 Nov 2026, 14:05:09.123 GMT */
  exact(instant: string | Date): string;
}

const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' };
const EXACT: Intl.DateTimeFormatOptions = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  timeZoneName: 'short',
};

/** Instants in the zone of the clinic, wherever the device is. */
export function timesIn(timeZone: string): Times {
  const hour: Intl.DateTimeFormatOptions = { hour: 'numeric', minute: '2-digit' };
  const write = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(LOCALE, { ...options, timeZone });
    return (instant: string | Date) => format.format(new Date(instant));
  };
  const calendarDay = new Intl.DateTimeFormat(LOCALE, { ...DAY, timeZone: 'UTC' });
  const today = () => new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date());
  const date = write(DAY);
  return {
    date,
    lastDay: (end) => date(new Date(Date.parse(end) - 1)),
    dateTime: write({ ...DAY, ...hour }),
    time: write(hour),
    day: (date) => calendarDay.format(new Date(date)),
    // Years are whole once month and day come round.
    age: (birthDate) => Number(today().slice(0, 4)) - Number(birthDate.slice(0, 4)) - (today().slice(5) < birthDate.slice(5) ? 1 : 0),
    today,
    exact: write({ ...DAY, ...EXACT }),
  };
}

/** timesIn the clinic of the person who is signed in. */
export function useTimes(): Times {
  const timeZone = useLogin()?.me?.clinic.timeZone ?? 'UTC';
  return useMemo(() => timesIn(timeZone), [timeZone]);
}

/** Whether an instant lies behind us. */
export function hasPassed(instant: string): boolean {
  return Date.parse(instant) <= Date.now();
}

interface WeekOfLocale {
  /** 1 is Monday, 7 is Sunday. */
  getWeekInfo?(): { readonly firstDay: number };
}

/** Day, month and year in the order in which they are written where the browser is from. */
const ORDER = new Intl.DateTimeFormat(LOCALE)
  .formatToParts()
  .flatMap(({ type }) => (['day', 'month', 'year'].includes(type) ? [type] : []));

/** As a birth date may be typed: 17/05/1984. */
export const DAY_EXAMPLE = new Intl.DateTimeFormat(LOCALE, { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }).format(
  new Date('1984-05-17'),
);

/** The same as Day.js writes it: DD/MM/YYYY. */
export const DAY_PATTERN = DAY_EXAMPLE.replace('17', 'DD').replace('05', 'MM').replace('1984', 'YYYY');

/** 0 is Sunday. Firefox doesn't say it. */
export const FIRST_DAY_OF_WEEK = (((new Intl.Locale(LOCALE) as WeekOfLocale).getWeekInfo?.().firstDay ?? 1) % 7) as
  | 0
  | 1
  | 2
  | 3
  | 4
  | 5
  | 6;

/** What somebody typed as a date, such as 17/05/1984, as YYYY-MM-DD; undefined where it is none. */
export function readDay(typed: string): string | undefined {
  const numbers = /^\s*(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})\s*$/.exec(typed)?.slice(1);
  if (!numbers) return undefined;
  const order = (numbers[0] ?? '').length === 4 ? ['year', 'month', 'day'] : ORDER;
  const part = (name: string) => numbers[order.indexOf(name)] ?? '';
  const day = `${part('year')}-${part('month').padStart(2, '0')}-${part('day').padStart(2, '0')}`;
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day) ? day : undefined;
}
