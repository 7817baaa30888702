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
      title: 'This person also works in another clinic, so only they can set a new password.',
      remedy:
        'Let them use “Forgotten password” at the sign-in, which sends the link to them (it needs a mail server, SMTP_URL), or change the password while they are signed in.',
      constraints: { password_set_by_the_person: 409 },
    },
  },
};
