import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { fullName } from './name.ts';
import classes from './patient-hit.module.css';

interface Props {
  readonly patient: Pick<Api['PatientView'], 'id' | 'givenName' | 'familyName' | 'birthDate' | 'recordNumber'> &
    Partial<Pick<Api['PatientView'], 'archivedAt'>>;
  /** What else is to be said, such as when they were here. */
  readonly children?: ReactNode;
}

/** A patient to open. With birth date and record number, by which people of one name are told apart. */
export function PatientHit({ patient, children }: Props) {
  const times = useTimes();
  const { id, birthDate, recordNumber, archivedAt } = patient;
  return (
    <Link to="/patients/$patientId" params={{ patientId: id }} className={classes.hit} data-stop>
      <span className={classes.name}>
        {fullName(patient)}
        {archivedAt && (
          <Badge color="gray.7" variant="filled" size="sm" tt="none" ml={8}>
            {t('patients.archived')}
          </Badge>
        )}
      </span>
      <span className={classes.born}>{t('patients.bornAged', { date: times.day(birthDate), age: times.age(birthDate) })}</span>
      <span className={classes.number}>{recordNumber}</span>
      {children && <span className={classes.more}>{children}</span>}
    </Link>
  );
}
