import { useQuery } from '@tanstack/react-query';
import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { representativesQuery } from '../patients/queries.ts';

interface Props {
  readonly decider: Api['Decider'];
  readonly patientId: string;
}

/** The patient, or the representative with what entitles them. */
export function Decider({ decider, patientId }: Props) {
  const times = useTimes();
  const represented = decider.kind === 'representative';
  const { data } = useQuery({ ...representativesQuery(patientId), enabled: represented });
  if (!represented) return t('consents.thePatient');
  const found = data?.items.find(({ id }) => id === decider.id);
  if (!found) return t('consents.aRepresentative');
  return (
    <>
      {t('consents.representative', found)}
      <br />
      {t('consents.authority')}: {found.authority}
      {found.end && (
        <>
          <br />
          {t('consents.authorityEnded', { date: times.dateTime(found.end.at), reason: t(`endReasons.${found.end.reason}`) })}
        </>
      )}
    </>
  );
}
