import { REGIONS, SEGMENTS, TECHNIQUES } from '../../src/screening/anatomy.js';
import { createDatabase, type TestDatabase, withClient } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

describe('the lists of regions, techniques and segments', () => {
  it('are the database’s, in its order', async () => {
    const {
      rows: [lists],
    } = await withClient(database.superuser, (client) =>
      client.query(`
        SELECT app.regions() AS regions, app.techniques() AS techniques,
               (SELECT array_agg(segment ORDER BY position) FROM app.segments) AS segments`),
    );
    expect(lists).toEqual({ regions: REGIONS, techniques: TECHNIQUES, segments: SEGMENTS });
  });

  it('put each joint of the chart in the region of its upper vertebra, whose letter it begins with', async () => {
    const { rows } = await withClient(database.superuser, (client) =>
      client.query<{ letter: string; regions: string[] }>(`
        SELECT left(segment, 1) AS letter, array_agg(DISTINCT region) AS regions
          FROM app.segments WHERE segment ~ '^[CTL][0-9]' GROUP BY 1 ORDER BY 1`),
    );
    expect(rows).toEqual([
      { letter: 'C', regions: ['cervical'] },
      { letter: 'L', regions: ['lumbar'] },
      { letter: 'T', regions: ['thoracic'] },
    ]);
  });
});
