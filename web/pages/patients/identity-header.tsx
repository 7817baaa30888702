import { Badge, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useMatchRoute } from '@tanstack/react-router';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { languageName } from '../../languages.ts';
import { t, tMaybe } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { fullName } from './name.ts';
import { legalHoldsQuery } from './queries.ts';
import classes from './identity-header.module.css';

type Patient = Api['PatientView'];

interface Props {
  readonly patientId: string;
  /** Left out while it loads. */
  readonly patient: Patient | undefined;
}

/** Whose record this is, in sight however far the page is scrolled, so that the wrong patient isn't treated. */
export function IdentityHeader({ patientId, patient }: Props) {
  return (
    <div className={classes.header} role="group" aria-label={t('patients.identity')}>
      <nav className={classes.trail} aria-label={t('patients.trail')}>
        <Link to="/patients" className={classes.back}>
          {t('patients.title')}
        </Link>
        <span aria-hidden>›</span>
      </nav>
      {patient ? <Identity patient={patient} /> : <Awaited />}
      {patient && <Flags patientId={patientId} patient={patient} />}
    </div>
  );
}

/** As high as what will be there, so that nothing below moves. */
function Awaited() {
  return (
    <>
      <span className={classes.name}>
        <Skeleton height="1.3em" width={160} />
      </span>
      <span className={classes.facts}>
        <Skeleton height="1lh" width={220} />
      </span>
    </>
  );
}

function Identity({ patient }: { readonly patient: Patient }) {
  const times = useTimes();
  const isRecord = useMatchRoute()({ to: '/patients/$patientId', params: { patientId: patient.id } });
  const { birthDate, recordNumber, sex, preferredLanguage } = patient;
  const facts = [
    [t('patients.born'), t('patients.bornAged', { date: times.day(birthDate), age: times.age(birthDate) })],
    [t('patients.recordNumber'), recordNumber],
    [t('patients.sex'), sex === 'unknown' ? undefined : tMaybe('sexes', sex)],
    [t('patients.language'), preferredLanguage === null ? undefined : languageName(preferredLanguage)],
  ].filter((fact): fact is [string, string] => fact[1] !== undefined);
  return (
    <>
      {isRecord ? (
        <h1 className={classes.name}>{fullName(patient)}</h1>
      ) : (
        <Link to="/patients/$patientId" params={{ patientId: patient.id }} className={classes.name}>
          {fullName(patient)}
        </Link>
      )}
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name} className={classes.fact}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

function Flags({ patientId, patient }: { readonly patientId: string; readonly patient: Patient }) {
  const mayHold = useMay()('legal-hold.read');
  const holds = useQuery({ ...legalHoldsQuery(patientId), enabled: mayHold }).data?.items ?? [];
  const held = holds.some(({ liftedAt }) => liftedAt === null);
  if (!patient.archivedAt && !held) return null;
  return (
    <div className={classes.flags}>
      {patient.archivedAt && (
        <Badge color="gray" variant="filled" tt="none">
          {t('patients.archived')}
        </Badge>
      )}
      {held && (
        <Badge color="#a13d00" variant="filled" tt="none">
          {t('patients.held')}
        </Badge>
      )}
    </div>
  );
}
