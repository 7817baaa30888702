import type { Actor } from '../common/context.js';

/** A row of app.sign_on. What belongs to a clinic is null while none is chosen. */
export interface SignOn {
  readonly state: Actor['state'];
  readonly fresh: boolean;
  readonly machine: boolean;
  /** Whether the idle lock should be put off. */
  readonly touch: boolean;
  readonly session_id: string;
  readonly user_id: string | null;
  readonly methods: string;
  readonly has_factor: boolean;
  readonly staff_id: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly role: string | null;
  readonly profession: string | null;
  readonly clinic_id: string | null;
  readonly clinic_name: string | null;
  readonly time_zone: string | null;
}

export function toActor(row: SignOn): Actor {
  return {
    state: row.state,
    fresh: row.fresh,
    machine: row.machine,
    sessionId: row.session_id,
    userId: row.user_id ?? '',
    methods: row.methods,
    hasFactor: row.has_factor,
    staffId: row.staff_id ?? '',
    name: row.name ?? '',
    email: row.email ?? '',
    role: row.role ?? '',
    profession: row.profession,
    clinicId: row.clinic_id ?? '',
    clinicName: row.clinic_name ?? '',
    timeZone: row.time_zone ?? '',
  };
}
