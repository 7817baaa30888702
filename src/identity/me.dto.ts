export class ClinicView {
  id: string;
  name: string;
  /** IANA name. */
  timeZone: string;
}

export class MeView {
  id: string;
  name: string;
  email: string;
  role: string;
  profession: string | null;
  clinic: ClinicView;
}
