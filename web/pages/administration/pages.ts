import {
  IconAdjustments,
  IconFileCheck,
  IconFileText,
  IconHistory,
  IconShieldCheck,
  IconUsers,
  type TablerIcon,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';
import type { PlainKey } from '../../messages/index.ts';

export interface AdministrationPage {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: PlainKey;
  readonly icon: TablerIcon;
  /** Without it a person doesn't see the link, and the address says that it is missing. */
  readonly permission: string;
}

/** The pages of the administration, in the order of their links. */
export const ADMINISTRATION_PAGES: readonly AdministrationPage[] = [
  { to: '/administration/disclosures', label: 'administration.disclosures', icon: IconFileCheck, permission: 'report.read' },
  { to: '/administration/log', label: 'administration.log', icon: IconShieldCheck, permission: 'audit.read' },
  { to: '/administration/events', label: 'administration.events', icon: IconHistory, permission: 'audit.read' },
  { to: '/administration/staff', label: 'administration.staff', icon: IconUsers, permission: 'staff.read' },
  { to: '/administration/texts', label: 'administration.texts', icon: IconFileText, permission: 'published-text.write' },
  { to: '/administration/settings', label: 'administration.settings', icon: IconAdjustments, permission: 'clinic.read' },
];
