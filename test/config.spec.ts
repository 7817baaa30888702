import { isAbsolute } from 'node:path';
import { ConfigError, loadConfig, PROJECT_ROOT } from '../src/config.js';

const SECRET = 'a secret of at least 32 characters';
const DATABASES = {
  DATABASE_URL: 'postgres://assent_app:p%40ss@db.example:5433/assent?sslmode=require',
  DATABASE_IDENTITY_URL: 'postgresql://assent_identity:p@db.example/assent',
  DATABASE_SEALER_URL: 'postgres://assent_sealer@db.example/assent',
  DATABASE_OWNER_URL: 'postgres://assent_owner@db.example/assent',
};
const MAIL = {
  SMTP_URL: 'smtps://clinic%40example.org:p%40ss@smtp.example.org:465',
  MAIL_FROM: 'Spine Clinic, London <assent@example.org>',
};
const EXTERNAL = { ...DATABASES, AUTH_SECRET: SECRET };

function refusal(env: Record<string, string>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('The configuration was taken.');
}

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = loadConfig({});
    expect(config).toEqual({
      port: 3000,
      host: 'localhost',
      baseUrl: undefined,
      dataDir: `${PROJECT_ROOT}data`,
      demo: true,
      database: undefined,
      poolSize: 16,
      authSecret: undefined,
      trustProxy: [],
      mail: undefined,
      logLevel: 'info',
      logKey: undefined,
      logAnchors: '',
    });
  });

  it('takes every variable', () => {
    const config = loadConfig({
      ...EXTERNAL,
      PORT: '8080',
      HOST: '0.0.0.0',
      BASE_URL: 'https://clinic.example/',
      DATA_DIR: '/var/lib/assent',
      ASSENT_DEMO: 'off',
      DATABASE_POOL_SIZE: '40',
      TRUST_PROXY: 'loopback, 10.0.0.0/8,2001:db8::/32',
      ...MAIL,
      LOG_LEVEL: 'debug',
      LOG_KEY: 'PRIVATE+KEY+…',
      LOG_ANCHORS: 'file:///mnt/other/checkpoints https://anchor.example.org/assent',
    });
    expect(config).toEqual({
      port: 8080,
      host: '0.0.0.0',
      baseUrl: 'https://clinic.example',
      dataDir: '/var/lib/assent',
      demo: false,
      database: {
        app: DATABASES.DATABASE_URL,
        identity: DATABASES.DATABASE_IDENTITY_URL,
        sealer: DATABASES.DATABASE_SEALER_URL,
        owner: DATABASES.DATABASE_OWNER_URL,
      },
      poolSize: 40,
      authSecret: SECRET,
      trustProxy: ['loopback', '10.0.0.0/8', '2001:db8::/32'],
      mail: { url: MAIL.SMTP_URL, from: MAIL.MAIL_FROM },
      logLevel: 'debug',
      logKey: 'PRIVATE+KEY+…',
      logAnchors: 'file:///mnt/other/checkpoints https://anchor.example.org/assent',
    });
  });

  it('stays as it was read', () => {
    const config = loadConfig({ ...EXTERNAL, ...MAIL });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.database)).toBe(true);
    expect(Object.isFrozen(config.mail)).toBe(true);
  });

  it('takes an empty variable for an unset one', () => {
    const others = ['PORT', 'HOST', 'BASE_URL', 'DATA_DIR', 'ASSENT_DEMO', 'DATABASE_POOL_SIZE', 'TRUST_PROXY'];
    const names = [...others, ...Object.keys(EXTERNAL), ...Object.keys(MAIL)];
    expect(loadConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(loadConfig({}));
  });

  it('doesn’t mind variables of others', () => {
    expect(loadConfig({ PATH: '/bin', DATABASE_NAME: 'x', constructor: 'x' })).toEqual(loadConfig({}));
  });

  it('reads DATA_DIR from the project’s folder, wherever it was started', () => {
    expect(loadConfig({ DATA_DIR: 'elsewhere/data' }).dataDir).toBe(`${PROJECT_ROOT}elsewhere/data`);
    expect(isAbsolute(loadConfig({ DATA_DIR: '../data' }).dataDir)).toBe(true);
  });

  it.each([
    ['PORT', '0', 'port', 0],
    ['PORT', '65535', 'port', 65_535],
    ['DATABASE_POOL_SIZE', '2', 'poolSize', 2],
    ['DATABASE_POOL_SIZE', '200', 'poolSize', 200],
    ['HOST', '::1', 'host', '::1'],
    ['BASE_URL', 'http://localhost:8080', 'baseUrl', 'http://localhost:8080'],
    ['BASE_URL', 'http://127.0.0.1', 'baseUrl', 'http://127.0.0.1'],
    ['ASSENT_DEMO', 'on', 'demo', true],
    ['TRUST_PROXY', 'off', 'trustProxy', []],
    ['TRUST_PROXY', '192.0.2.7', 'trustProxy', ['192.0.2.7']],
    ['AUTH_SECRET', 'x'.repeat(32), 'authSecret', 'x'.repeat(32)],
  ] as const)('takes %s=%s', (name, value, key, expected) => {
    expect(loadConfig({ [name]: value })[key]).toEqual(expected);
  });

  it.each([
    ['PORT', '-1'],
    ['PORT', '65536'],
    ['PORT', '3000.5'],
    ['PORT', 'http'],
    ['PORT', ' '],
    ['PORT', '0x50'],
    ['PORT', '1e3'],
    ['PORT', 'Infinity'],
    ['BASE_URL', 'clinic.example'],
    ['BASE_URL', 'http://clinic.example'],
    ['BASE_URL', 'http://localhost.clinic.example'],
    ['BASE_URL', 'ftp://clinic.example'],
    ['BASE_URL', 'https://'],
    ['BASE_URL', 'javascript:alert(1)'],
    ['ASSENT_DEMO', 'true'],
    ['ASSENT_DEMO', 'OFF'],
    ['TRUST_PROXY', '1'],
    ['TRUST_PROXY', 'on'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', 'loopback,'],
    ['TRUST_PROXY', '10.0.0.1, proxy.example'],
    ['DATABASE_POOL_SIZE', '1'],
    ['DATABASE_POOL_SIZE', '201'],
    ['DATABASE_POOL_SIZE', 'many'],
    ['DATABASE_POOL_SIZE', '2.5'],
    ['AUTH_SECRET', 'short'],
    ['AUTH_SECRET', 'x'.repeat(31)],
  ])('refuses %s=%s by name', (name, value) => {
    expect(refusal({ [name]: value })).toContain(`\n  - ${name} must `);
  });

  describe.each(Object.keys(DATABASES))('%s', (name) => {
    it.each([
      'mysql://assent_app:p@db.example/assent',
      'postgres://db.example',
      'postgres://assent_app:p@db.example/',
      'postgres://assent_app:p@db.example/a/b',
      'postgres:///assent',
      'postgres://db.example/assent',
      'postgres://assent_app:p@db.example:99999/assent',
      'postgres://assent_app:100%@db.example/assent',
      'postgres://assent_app:p@db.example/assent\n',
      'db.example',
    ])('refuses %j', (url) => {
      const message = refusal({ ...EXTERNAL, [name]: url });
      expect(message).toContain(`\n  - ${name} must look like postgres://`);
      expect(message).not.toContain(url);
    });
  });

  it.each(Object.keys(DATABASES))('wants all four databases where %s is missing', (name) => {
    const env = Object.fromEntries(Object.entries(EXTERNAL).filter(([other]) => other !== name));
    expect(refusal(env)).toContain('DATABASE_URL, DATABASE_IDENTITY_URL, DATABASE_SEALER_URL and DATABASE_OWNER_URL go together');
  });

  it.each(Object.entries(DATABASES))('wants all four databases where there is only %s', (name, url) => {
    expect(refusal({ [name]: url })).toContain(
      'DATABASE_URL, DATABASE_IDENTITY_URL, DATABASE_SEALER_URL and DATABASE_OWNER_URL go together',
    );
  });

  it('wants a secret with databases of the clinic’s own', () => {
    expect(refusal(DATABASES)).toContain('AUTH_SECRET must be set');
  });

  it.each([
    'smtp://smtp.example.org',
    'smtp://smtp.example.org/',
    'smtp://localhost:25',
    'smtp://[::1]:2525',
    'smtp://user:password@192.0.2.1:587?starttls=off',
    'smtp://localhost?starttls=required',
    'smtps://user%40example.org:100%25@smtp.example.org',
  ])('sends mail by %s', (url) => {
    expect(loadConfig({ ...MAIL, SMTP_URL: url }).mail?.url).toBe(url);
  });

  it.each([
    'smtp.example.org',
    'smtp://',
    'smtp:smtp.example.org',
    'http://smtp.example.org',
    'smtps://user@smtp.example.org',
    'smtps://:hunter2@smtp.example.org',
    'smtps://user:100%@smtp.example.org',
    'smtps://user:hunter2@smtp.example.org:99999',
    'smtps://user:hunter2@smtp.example.org/inbox',
    'smtps://user:hunter2@smtp.example.org#inbox',
    'smtps://user:hunter2@smtp.example.org\n',
    'smtps://user:hunter2@smtp.example.org,evil.example',
    'smtps://smtp.example.org?starttls=off',
    'smtp://smtp.example.org?starttls=maybe',
    'smtp://smtp.example.org?starttls=off&starttls=required',
    'smtp://smtp.example.org?tls.rejectUnauthorized=false',
  ])('refuses SMTP_URL=%j', (url) => {
    const message = refusal({ ...MAIL, SMTP_URL: url });
    expect(message).toContain('\n  - SMTP_URL must look like smtps://');
    expect(message).not.toContain('hunter2');
  });

  it.each(['assent@example.org', 'Praxis Möller <assent@example.org>', '"St. Mary" <assent@example.org>'])('sends mail from %s', (from) => {
    expect(loadConfig({ ...MAIL, MAIL_FROM: from }).mail?.from).toBe(from);
  });

  it.each([
    'Spine Clinic',
    'assent@',
    'Spine Clinic <assent@example.org> and more',
    'assent@example.org, other@example.org',
    'A <assent@example.org>, B <other@example.org>',
    'Spine\r\nBcc: other@example.org <assent@example.org>',
  ])('refuses MAIL_FROM=%j', (from) => {
    expect(refusal({ ...MAIL, MAIL_FROM: from })).toContain('\n  - MAIL_FROM must be an email address');
  });

  it.each(Object.entries(MAIL))('wants both variables for mail where there is only %s', (name, value) => {
    expect(refusal({ [name]: value })).toContain('SMTP_URL and MAIL_FROM go together');
  });

  it('names everything that is wrong, and no secret', () => {
    const message = refusal({ PORT: 'x', TRUST_PROXY: 'x', AUTH_SECRET: 'hunter2', DATABASE_URL: 'hunter3' });
    for (const name of ['PORT', 'TRUST_PROXY', 'AUTH_SECRET', 'DATABASE_URL']) expect(message).toContain(`  - ${name} `);
    expect(message).not.toContain('hunter');
    expect(message).toContain('.env.example');
  });
});
