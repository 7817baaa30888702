import type { Rules } from '../common/rules.js';

export const STAFF_RULES: Rules = {
  codes: {
    'staff.already-here': {
      title: 'Someone in this clinic already has this email address.',
      remedy: 'Send them a new link: POST /api/staff/{id}/invitation.',
      constraints: { staff_once_per_clinic: 409 },
    },
    'staff.last-administrator': {
      title: 'This clinic has no other administrator.',
      remedy: 'Make someone else an administrator first.',
      constraints: { staff_keep_administrator: 409 },
    },
    'staff.not-invited': {
      title: 'Only the invited person can activate this place.',
      remedy: 'Send them an invitation.',
      constraints: { staff_begins_by_invitation: 409 },
    },
    'staff.profession': {
      title: 'Practitioners need a profession, and other roles have none.',
      constraints: { staff_practitioner_has_profession: 422 },
    },
    'invitation.by-mail': {
      title: 'This person also works in another clinic, so the link may only be sent to them.',
      remedy: 'Set up a mail server (SMTP_URL), or let them sign in and change the password themselves.',
      constraints: { invitation_by_mail: 409 },
    },
  },
};
