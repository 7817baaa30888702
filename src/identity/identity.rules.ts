import type { Rules } from '../common/rules.js';

export const IDENTITY_RULES: Rules = {
  codes: {
    'invitation.closed': {
      title: 'This link was used, replaced, or has expired.',
      remedy: 'Sign in if you have set a password already. Otherwise ask an administrator of your clinic for a new link.',
      constraints: { invitation_open: 410 },
    },
    'invitation.sign-in-first': {
      title: 'You already have an account.',
      remedy: 'Sign in to it, with your second factor if you have one, then open the link again.',
      constraints: { invitation_by_account: 409 },
    },
    'clinic.not-yours': {
      title: 'You don’t work in this clinic, or this way of signing in isn’t valid there.',
      constraints: { session_in_own_clinic: 403 },
    },
    'second-factor.needed': {
      title: 'Your password is too short to be used without a second factor.',
      remedy: 'First change it to one of at least 15 characters: PUT /api/me/password.',
      constraints: { factor_needed_by_password: 409 },
    },
    'sign-in.elsewhere': {
      title: 'You don’t sign in here.',
      remedy: 'Sign in with the application that Assent is part of. To unlock, or to confirm that it is you, authenticate there again.',
    },
    'passkey.already-added': { title: 'This passkey has already been added.', constraints: { passkey_pkey: 409 } },
  },
};
