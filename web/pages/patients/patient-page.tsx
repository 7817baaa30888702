import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTitle } from '../../components/title.tsx';
import { fullName } from './name.ts';
import { patientQuery } from './queries.ts';

/** A patient's record. The header of patient-layout.tsx is its heading. */
export function PatientPage() {
  const { patientId } = useParams({ from: '/shell/patients/$patientId/' });
  const patient = useQuery(patientQuery(patientId)).data;
  useTitle(patient ? fullName(patient) : '');
  return null;
}
