import { Badge, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../../api/session.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import { LicenceBadge } from './licence-badge.tsx';
import type { Person } from './queries.ts';
import classes from './person-row.module.css';

/** One of the staff, as a link to all about them. */
export function PersonRow({ person }: { readonly person: Person }) {
  const me = useMe();
  const { id, name, role, status, licences } = person;
  return (
    <li className={classes.item}>
      <Link to="/administration/staff/$staffId" params={{ staffId: id }} className={classes.link}>
        <Group gap="xs">
          <span className={classes.name}>{name}</span>
          {id === me.id && <Mark>{t('staff.you')}</Mark>}
          {status === 'invited' && <Mark>{t('staff.invited')}</Mark>}
        </Group>
        <span className={classes.about}>{aboutOf(person)}</span>
        {role === 'practitioner' && status !== 'inactive' && (
          <span className={classes.licence}>
            <LicenceBadge licences={licences} />
          </span>
        )}
      </Link>
    </li>
  );
}

function Mark({ children }: { readonly children: string }) {
  return (
    <Badge variant="light" color="gray" tt="none">
      {children}
    </Badge>
  );
}

/** Practitioner · Chiropractor · ben@clinic.example */
export function aboutOf({ role, profession, email }: Person): string {
  return [tMaybe('roles', role), profession === null ? undefined : tMaybe('professions', profession), email].filter(Boolean).join(' · ');
}
