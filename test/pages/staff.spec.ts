import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { withClient } from '../support/database.js';
import { expire, makeClinic, makeStaff, type Person, type TestClinic } from '../support/make.js';
import { expectToSee, faultsOf, usePages } from '../support/pages.js';
import { visit as visitAs } from '../support/visitor.js';

const pages = usePages();
let clinic: TestClinic;
let page: Page;
beforeEach(async () => {
  clinic = await makeClinic(pages.server);
});

async function open(path: string, as: Person = clinic.administrator): Promise<void> {
  page = await pages.open(path, { as });
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const dialog = (name: string) => page.getByRole('dialog', { name });
const field = (name: string) => page.getByLabel(name, { exact: true });
const about = ({ id }: { id: string }) => `/administration/staff/${id}`;
const staffOf = async () =>
  (await clinic.administrator.api.get('/api/staff')).body.items as {
    id: string;
    name: string;
    status: string;
    role: string;
    licences: object[];
  }[];

/** As if somebody's only licence ended in so many days. */
async function endLicenceIn(days: number, { id }: Person): Promise<void> {
  await withClient(pages.server.database.superuser, async (client) => {
    await client.query('SET session_replication_role = replica');
    await client.query(
      `UPDATE app.licences SET valid = tstzrange(lower(valid), clock_timestamp() + make_interval(days => $2::int, hours => 1))
        WHERE practitioner_id = $1`,
      [id, days],
    );
  });
}

describe('the staff', () => {
  it('are listed with their roles and licences, and those that need attention first', async () => {
    const unlicensed = await makeStaff(pages.server, clinic, { name: 'Nora New' });
    await endLicenceIn(23, clinic.practitioner);
    const { body } = await clinic.administrator.api.get('/api/staff');
    const licenceOf = body.items.find(({ id }: { id: string }) => id === clinic.colleague.id).licences[0].id as string;
    await expire(pages.server, 'licences', licenceOf);
    await open('/administration/staff');
    await expectToSee(page.getByText('3 licences need attention'));
    for (const [name, state] of [
      ['Ben Practitioner', /Licence ends in 23 days/],
      ['Carla Colleague', /Licence expired/],
      ['Nora New', /No licence recorded/],
    ] as const) {
      await expectToSee(page.getByRole('link', { name: new RegExp(`^${name}.*`) }).filter({ hasText: state }));
    }
    expect(await faultsOf(page, 'staff')).toEqual([]);
    await page.getByRole('link', { name: 'Nora New', exact: true }).click();
    await page.waitForURL(`**${about(unlicensed)}`);
    await page.goBack();
    await expectToSee(page.getByRole('heading', { name: 'Staff', level: 1 }));
  });

  it('warn by how near the end of a licence is', async () => {
    await endLicenceIn(88, clinic.practitioner);
    await endLicenceIn(200, clinic.colleague);
    await open('/administration/staff');
    await expectToSee(page.getByText('One licence needs attention'));
    expect(await page.getByText(/Licence ends in 88 days/).count()).toBe(2);
    expect(await page.getByText(/^Licensed until/).count()).toBe(1);
  });

  it('aren’t offered to a practitioner, who is told so at the address', async () => {
    await open('/administration/staff', clinic.practitioner);
    await expectToSee(page.getByRole('heading', { name: 'For administrators only' }));
    expect(await page.getByRole('link', { name: 'Staff' }).count()).toBe(0);
    expect(await faultsOf(page, 'staff-not-yours')).toEqual([]);
  });
});

describe('an invitation', () => {
  it('is shown once, as a link that works', async () => {
    await open('/administration/staff');
    await press('Invite someone');
    await field('Name').fill('Ivo Invited');
    await field('Email address').fill('not an address');
    await field('Receptionist').check();
    expect(await field('Profession').count()).toBe(0);
    expect(await faultsOf(page, 'staff-invite')).toEqual([]);
    await field('Email address').fill(`ivo@${randomBytes(5).toString('hex')}.example`);
    await press('Create the invitation');
    const link = await field('Invitation link').inputValue();
    expect(link).toMatch(/\/invitation#[\w-]{20,}$/);
    expect(await faultsOf(page, 'staff-link')).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await dialog('Share this invitation link').isVisible()).toBe(true);
    await press('Done');
    await dialog('Share this invitation link').waitFor({ state: 'detached' });
    await expectToSee(page.getByRole('link', { name: /^Ivo Invited\s*Invited/ }));
    expect(await page.content()).not.toContain(link);
    const invited = await pages.open(link.replace(/^.*\/invitation/, '/invitation'));
    await expectToSee(invited.getByText('Ivo Invited').first());
  });

  it('to somebody who is here already is refused, with what to do', async () => {
    const [first] = (await clinic.administrator.api.get('/api/staff')).body.items as { email: string }[];
    await open('/administration/staff');
    await press('Invite someone');
    await field('Name').fill('Once More');
    await field('Email address').fill(first?.email ?? '');
    await press('Create the invitation');
    await expectToSee(page.getByRole('alert').getByText('Someone in this clinic already has this email address.'));
    expect(await field('Name').inputValue()).toBe('Once More');
    expect(await faultsOf(page, 'staff-invite-refused')).toEqual([]);
  });

  it('is renewed, and called back', async () => {
    await open('/administration/staff');
    await press('Invite someone');
    await field('Name').fill('Ivo Invited');
    await field('Email address').fill(`ivo@${randomBytes(5).toString('hex')}.example`);
    await press('Create the invitation');
    const first = await field('Invitation link').inputValue();
    await press('Done');
    await page.getByRole('link', { name: 'Ivo Invited', exact: true }).click();
    await press('New invitation link');
    await dialog('Create a new link for Ivo Invited?').getByRole('button', { name: 'New invitation link' }).click();
    expect(await field('Invitation link').inputValue()).not.toBe(first);
    await press('Done');
    await press('Revoke the invitation');
    await dialog('Revoke the invitation of Ivo Invited?').getByRole('button', { name: 'Revoke the invitation' }).click();
    await expectToSee(page.getByRole('button', { name: 'Invite them back' }));
  });
});

describe('one of the staff', () => {
  it('is called something else, and has another role', async () => {
    await open(about(clinic.receptionist));
    await field('Name').fill('Dana Practitioner');
    await field('Practitioner').check();
    await page.getByRole('combobox', { name: 'Profession' }).click();
    await page.getByRole('option', { name: 'Physical therapist' }).click();
    await press('Save');
    await expectToSee(page.getByRole('heading', { level: 1, name: 'Dana Practitioner' }));
    expect((await staffOf()).find(({ id }) => id === clinic.receptionist.id)).toMatchObject({
      name: 'Dana Practitioner',
      role: 'practitioner',
      profession: 'physical_therapist',
    });
    await expectToSee(page.getByText('No licence recorded'));
    expect(await faultsOf(page, 'staff-person')).toEqual([]);
  });

  it('gets a licence, which is revoked with a reason', async () => {
    await open(about(clinic.practitioner));
    await press('Add a licence');
    const adding = dialog('Add a licence');
    await adding.getByLabel('Issued by').fill('General Chiropractic Council');
    await adding.getByLabel('Registration number').fill('GCC 4711');
    // A wrong day, once another is picked, keeps nothing from being sent.
    await adding.getByLabel('Valid from').fill('99/99/2026');
    await adding.getByRole('button', { name: /^1 \w+ \d{4}$/ }).click();
    await adding.getByLabel('Last day').fill('2025-12-31');
    await adding.getByRole('button', { name: 'Add a licence' }).click();
    await expectToSee(adding.getByRole('alert'));
    await expectToSee(adding.getByText('This must come after valid from.'));
    expect(await adding.getByLabel('Registration number').inputValue()).toBe('GCC 4711');
    expect(await faultsOf(page, 'staff-licence-refused')).toEqual([]);
    await adding.getByLabel('Last day').fill('2999-12-31');
    await adding.getByRole('button', { name: 'Add a licence' }).click();
    await expectToSee(page.getByText('General Chiropractic Council GCC 4711'));

    await press('Revoke GCC 4711');
    const revoking = dialog('Revoke the licence GCC 4711?');
    await revoking.getByRole('button', { name: 'Revoke' }).click();
    await expectToSee(revoking.getByText(/^This must/).first());
    await revoking.getByLabel('Reason').fill('Removed from the register.');
    expect(await faultsOf(page, 'staff-licence-revoke')).toEqual([]);
    await revoking.getByRole('button', { name: 'Revoke' }).click();
    await expectToSee(page.getByText(/Revoked .*: Removed from the register\.$/));
  });

  it('is signed out, in one place and everywhere', async () => {
    const [one, two] = [await visitAs(pages.server, clinic.practitioner), await visitAs(pages.server, clinic.practitioner)];
    await open(about(clinic.practitioner));
    await page
      .getByRole('button', { name: /^Sign out on / })
      .nth(2)
      .waitFor();
    await page
      .getByRole('button', { name: /^Sign out on / })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^Sign out on / })
      .nth(2)
      .waitFor({ state: 'detached' });
    await press('Sign them out everywhere');
    await expectToSee(page.getByText('Not signed in anywhere.'));
    expect([await one.state(), await two.state()]).toEqual(['not-signed-in', 'not-signed-in']);
    expect(await faultsOf(page, 'staff-signed-out')).toEqual([]);
  });

  it('is deactivated after a question, and then listed apart', async () => {
    await open(about(clinic.receptionist));
    await press('Deactivate');
    await dialog('Deactivate Dana Reception?').getByRole('button', { name: 'Cancel' }).click();
    expect((await staffOf()).find(({ id }) => id === clinic.receptionist.id)?.status).toBe('active');
    await press('Deactivate');
    await dialog('Deactivate Dana Reception?').getByRole('button', { name: 'Deactivate' }).click();
    await expectToSee(page.getByText('Dana Reception has been deactivated.'));
    await page.getByRole('link', { name: 'All staff' }).click();
    await expectToSee(page.getByRole('region', { name: 'Former staff' }).getByText('Dana Reception'));
    expect((await clinic.receptionist.api.get('/api/me')).status).toBe(401);
  });

  it('isn’t deactivated where nobody else administers the clinic', async () => {
    await open(about(clinic.administrator));
    await press('Deactivate');
    await dialog('Deactivate Ada Admin?').getByRole('button', { name: 'Deactivate' }).click();
    const alert = dialog('Deactivate Ada Admin?').getByRole('alert');
    await expectToSee(alert.getByText('This clinic has no other administrator.'));
    await expectToSee(alert.getByText('Make someone else an administrator first.'));
    expect(await faultsOf(page, 'staff-last-administrator')).toEqual([]);
  });

  it('who isn’t there is said not to be', async () => {
    await open(about({ id: '01890000-0000-7000-8000-000000000000' }));
    await expectToSee(page.getByText('We can’t find that.'));
  });
});
