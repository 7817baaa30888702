import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { withDatabase } from '../support/database.js';
import { logSigner, sealed, tamper, until } from '../support/log.js';
import { makeClearedPatient, makeClinic, signIn, type TestClinic } from '../support/make.js';
import { faultsOf, usePages } from '../support/pages.js';
import { startServer, type TestServer, withServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

const pages = usePages();
let page: Page;

/** Closes the page before its server stops: it looks again now and then. */
async function look(server: TestServer, clinic: TestClinic, use: () => Promise<void>): Promise<void> {
  page = await pages.open('/administration/log', { at: server, as: await signIn(server, clinic.administrator.id) });
  await page.getByRole('heading', { level: 1, name: 'Log integrity' }).waitFor();
  await use();
  await pages.close();
}

const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
const section = (name: string) => page.getByRole('region', { name });

describe('a log that is as it was signed', () => {
  it('says so, and who knows it outside', () =>
    withDatabase({}, (database) =>
      withServer({ shared: database, env: { LOG_ANCHORS: pathToFileURL(`${database.dataDir}/anchor`).href } }, async (server) => {
        const clinic = await makeClinic(server);
        await sealed(server.database);
        await look(server, clinic, async () => {
          await section('State of the log').getByText('No problems', { exact: true }).waitFor();
          await section('Independent copies')
            .getByText(/^Confirms \d+ events, since /)
            .waitFor();
          await page.getByRole('heading', { name: 'No verifications yet' }).waitFor();
          expect(await faultsOf(page, 'log-first')).toEqual([]);
        });
      }),
    ));

  it('is verified from start to finding nothing, and earlier verifications stay', () =>
    withServer({}, async (server) => {
      const clinic = await makeClinic(server);
      await makeClearedPatient(clinic.practitioner);
      await sealed(server.database);
      await look(server, clinic, async () => {
        await press('Verify everything now');
        await section('Verification').getByRole('status').filter({ hasText: 'Everything is as it was recorded' }).waitFor();
        await page.getByText(/^[\d,]+ entries of the log and [\d,]+ rows were verified\.$/).waitFor();
        await page.getByText(/^No independent copy is kept, so a rewrite/).waitFor();

        await press('Verify again');
        await section('Earlier verifications').getByText('As recorded').waitFor();
        await section('Verification').getByRole('status').filter({ hasText: 'Everything is as it was recorded' }).waitFor();
        expect(await faultsOf(page, 'log-clean')).toEqual([]);
        await section('Earlier verifications')
          .getByRole('link', { name: /^Show the verification of / })
          .click();
        await page.waitForURL((url) => url.searchParams.has('verification'));
        await page.getByRole('link', { name: 'Back to the newest' }).click();
        await page.waitForURL((url) => url.search === '');
      });
    }));

  it('gives an export and the key with which anybody verifies it', () =>
    withServer({}, async (server) => {
      const clinic = await makeClinic(server);
      await makeClearedPatient(clinic.practitioner);
      await sealed(server.database);
      await look(server, clinic, async () => {
        const { publicKey } = await logSigner(server.database);
        await page.getByText(publicKey, { exact: true }).waitFor();
        await page.getByText(`npx assent verify --export FILE --key '${publicKey}'`).waitFor();
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
        await press('Copy the key');
        await page.getByRole('button', { name: 'Copied' }).waitFor();
        expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(publicKey);
        const [file] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name: 'Download the export' }).click(),
        ]);
        expect(file.suggestedFilename()).toMatch(/^log-\d{4}-\d\d-\d\d\.ndjson$/);
        const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
        expect(lines.length).toBeGreaterThan(10);
        for (const line of lines) expect(typeof JSON.parse(line)).toBe('object');
        await page.getByRole('heading', { name: 'No independent copy is kept' }).waitFor();
      });
    }));
});

describe('a record that somebody altered', () => {
  it('is found by a verification that names what, seen from start to finding', () =>
    withServer({}, async (server) => {
      const clinic = await makeClinic(server);
      const { consentId } = await makeClearedPatient(clinic.practitioner);
      await sealed(server.database);
      await tamper(server.database, (client) =>
        client.query(`UPDATE app.consents SET regions = regions || '{thoracic}' WHERE id = $1`, [consentId]),
      );
      await look(server, clinic, async () => {
        await press('Verify everything now');
        const found = section('Verification');
        await found.getByRole('alert').getByText('2 items differ from what was recorded').waitFor();
        const row = found.getByRole('row').filter({ hasText: `consents ${consentId}` });
        await row.getByText('was changed without an event: regions').waitFor();
        expect(await faultsOf(page, 'log-altered')).toEqual([]);
        await page.reload();
        await row.waitFor();
      });
    }));

  it('halts the log, in red and with what to do next', () =>
    withDatabase({}, async (database) => {
      const first = await startServer({ shared: database });
      const clinic = await makeClinic(first);
      await sealed(database);
      await first.stop();
      await tamper(database, (client) =>
        client.query(`UPDATE audit.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 0`),
      );
      await withServer({ shared: database }, async (server) => {
        const { api } = await signIn(server, clinic.administrator.id);
        await until(async () => (await api.get('/api/audit/log')).body.halted as boolean);
        await look(server, clinic, async () => {
          const alert = page.getByRole('alert').filter({ hasText: 'The log is halted: nothing is being signed' });
          await alert.getByText(/isn't the one whose root/).waitFor();
          expect(await alert.getByRole('listitem').count()).toBe(6);
          await section('State of the log').getByText('Halted', { exact: true }).waitFor();
          expect(await faultsOf(page, 'log-halted')).toEqual([]);
        });
      });
    }));
});

describe('a verification', () => {
  it('under way shows how far it is, and one whose server is gone says that it was interrupted', () =>
    withServer({}, async (server) => {
      const clinic = await makeClinic(server);
      const [row] = await asSuperuser(
        server,
        `INSERT INTO audit.verifications (clinic_id, requested_by, requested_at, started_at, heartbeat_at, phase, done, total)
         SELECT clinic_id, id, clock_timestamp(), clock_timestamp(), clock_timestamp(), 'rows', 250, 1000 FROM app.staff WHERE id = $1 RETURNING id`,
        [clinic.administrator.id],
      );
      await look(server, clinic, async () => {
        await page.getByText('Comparing rows with their events').waitFor();
        await page.getByText('250 of 1,000').waitFor();
        expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('25');
        expect(await page.getByRole('button', { name: 'Verify again' }).isDisabled()).toBe(true);
        expect(await faultsOf(page, 'log-running')).toEqual([]);
        await asSuperuser(server, `UPDATE audit.verifications SET heartbeat_at = heartbeat_at - interval '2 minutes' WHERE id = $1`, [
          row?.['id'],
        ]);
        await page.getByRole('alert').getByText('The verification was interrupted').waitFor();
        await page.getByRole('button', { name: 'Verify again' }).and(page.locator(':enabled')).waitFor();
      });
    }));
});
