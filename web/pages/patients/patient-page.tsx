import { Box, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useMay } from '../../api/session.ts';
import { Loaded } from '../../components/loaded.tsx';
import { useTitle } from '../../components/title.tsx';
import { t } from '../../messages/index.ts';
import { fullName } from './name.ts';
import { clearanceQuery, patientQuery, screeningsQuery } from './queries.ts';
import { AccessLog } from './record/access-log.tsx';
import { ArchivedNotice } from './record/archived-notice.tsx';
import { ClearancePanel } from './record/clearance-panel.tsx';
import { Details } from './record/details.tsx';
import { Keeping } from './record/keeping.tsx';
import { Representatives } from './record/representatives.tsx';
import { Timeline } from './record/timeline.tsx';
import classes from './patient-page.module.css';

/** A patient's record. The header of patient-layout.tsx is its heading. What a role may not see isn't there. */
export function PatientPage() {
  const { patientId } = useParams({ from: '/shell/patients/$patientId/' });
  const may = useMay();
  const query = useQuery(patientQuery(patientId));
  const clinical = may('clinical.read');
  useTitle(query.data ? fullName(query.data) : t('patients.title'));
  const clearance = useQuery({ ...clearanceQuery(patientId), enabled: clinical });
  const screenings = useQuery({ ...screeningsQuery(patientId), enabled: clinical });
  // What would be pushed down by the clearance comes with it.
  const below = clearance.isLoading || screenings.isLoading ? 'none' : undefined;
  return (
    <Stack gap="lg" className={clinical ? undefined : classes.column}>
      {query.data && <ArchivedNotice patient={query.data} />}
      <div className={clinical ? classes.columns : undefined}>
        {clinical && (
          <Stack gap="lg">
            <ClearancePanel patientId={patientId} />
            <Box display={below}>
              <Timeline patientId={patientId} />
            </Box>
          </Stack>
        )}
        <Stack gap="lg" display={below}>
          <Loaded queries={[query]} lines={6}>
            {(patient) => (
              <>
                <Details patient={patient} />
                <Representatives patient={patient} />
                <Keeping patient={patient} />
              </>
            )}
          </Loaded>
        </Stack>
      </div>
      {may('audit.read') && <AccessLog patientId={patientId} />}
    </Stack>
  );
}
