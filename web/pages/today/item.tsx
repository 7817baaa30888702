import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Api } from '../../api/client.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import type { sessionLink } from '../../components/links.ts';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { fullName } from '../patients/name.ts';
import classes from './item.module.css';

interface Props {
  readonly patient: Api['TodayPatient'];
  /** What there is to know. */
  readonly children: ReactNode;
  /** The one next step. */
  readonly action: string;
  readonly to: ReturnType<typeof sessionLink>;
  readonly search?: LinkProps['search'];
}

/** A patient with whom something is to be done. */
export function Item({ patient, children, action, to, search }: Props) {
  const times = useTimes();
  const name = fullName(patient);
  return (
    <li className={classes.item}>
      <div className={classes.who}>
        <Link to="/patients/$patientId" params={{ patientId: patient.id }} className={classes.name}>
          {name}
        </Link>
        <span className={classes.born}>
          {times.day(patient.birthDate)} · {patient.recordNumber}
        </span>
      </div>
      <div className={classes.what}>{children}</div>
      <ButtonLink
        to={to}
        search={search}
        variant="default"
        size="sm"
        className={classes.action}
        aria-label={t('today.openOf', { action, name })}
      >
        {action}
      </ButtonLink>
    </li>
  );
}

export function Items({ children }: { readonly children: ReactNode }) {
  return <ul className={classes.items}>{children}</ul>;
}
