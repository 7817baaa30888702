import type { LinkProps } from '@tanstack/react-router';

type To = NonNullable<LinkProps['to']>;

/** Addresses of pages about one patient, for links whose target depends on what is shown. */
export const patientLinks = (patientId: string) => {
  const at = (path: string) => `/patients/${encodeURIComponent(patientId)}${path}` as To;
  return {
    patient: at(''),
    screening: at('/screening'),
    discussion: at('/discussion'),
    discussionOf: (discussionId: string) => at(`/discussion/${encodeURIComponent(discussionId)}`),
    session: at('/session'),
    consent: (consentId: string) => at(`/consents/${encodeURIComponent(consentId)}`),
  };
};

export const sessionLink = (sessionId: string) => `/sessions/${encodeURIComponent(sessionId)}` as To;
export const staffLink = '/administration/staff' as To;
