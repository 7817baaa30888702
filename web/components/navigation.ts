import { IconCalendarEvent, IconSettings, IconUsers, type TablerIcon } from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import { useMay } from '../api/session.ts';
import type { PlainKey } from '../messages/index.ts';

interface MainPage {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: PlainKey;
  readonly icon: TablerIcon;
  /** Where pages lie that belong to it, besides those below its own address. */
  readonly also?: string;
  /** Left out: for everybody. */
  readonly permission?: string;
}

/** The main pages, in the order of a day's work. Those without the permission don't see the link; the server refuses them anyway. */
const MAIN_PAGES: readonly MainPage[] = [
  { to: '/', label: 'shell.today', icon: IconCalendarEvent },
  { to: '/patients', label: 'patients.title', icon: IconUsers, also: '/sessions/', permission: 'patient.read' },
  { to: '/administration', label: 'shell.administration', icon: IconSettings, permission: 'report.read' },
];

export function useMainPages(): readonly MainPage[] {
  const may = useMay();
  return MAIN_PAGES.filter(({ permission }) => permission === undefined || may(permission));
}
