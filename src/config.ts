import 'reflect-metadata';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainToInstance, Transform } from 'class-transformer';
import { IsEmail, IsIn, IsInt, IsOptional, IsString, IsUrl, Max, Min, MinLength, ValidateBy, validateSync } from 'class-validator';
import { LOG_LEVELS, type LogLevel } from './logging.js';

/** The folder that holds package.json. Relative paths start here, so that the current folder doesn't matter. */
export const PROJECT_ROOT = fileURLToPath(new URL('../', import.meta.url));

const POSTGRES_URL = /^postgres(ql)?:\/\/[^/\s]+\/[^/\s]+$/;

const DATABASE_VARIABLES = ['DATABASE_URL', 'DATABASE_IDENTITY_URL', 'DATABASE_SEALER_URL', 'DATABASE_OWNER_URL'] as const;

/** One that pg can take apart: with a role, a possible port, and nothing wrongly encoded. */
function isPostgresUrl(value: unknown): boolean {
  try {
    const { username, password } = new URL(value as string);
    decodeURIComponent(password);
    return POSTGRES_URL.test(value as string) && decodeURIComponent(username) !== '';
  } catch {
    return false;
  }
}

const IsPostgresUrl = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isPostgresUrl', validator: { validate: isPostgresUrl } },
    { message: 'must look like postgres://role:password@host:5432/database' },
  );

/** With a host, a user and a password or neither, and nothing that would be ignored. */
function isSmtpUrl(value: unknown): boolean {
  try {
    const { protocol, username, password, hostname, pathname, search, hash } = new URL(value as string);
    const starttls = protocol === 'smtp:' && /^\?starttls=(required|off)$/.test(search);
    decodeURIComponent(username + password);
    return (
      /^smtps?:$/.test(protocol) &&
      !/\s/.test(value as string) &&
      /^([a-z\d.-]+|\[[a-f\d:.]+\])$/i.test(hostname) &&
      (username === '') === (password === '') &&
      (search === '' || starttls) &&
      `${pathname}${hash}`.replace('/', '') === ''
    );
  } catch {
    return false;
  }
}

const IsSmtpUrl = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isSmtpUrl', validator: { validate: isSmtpUrl } },
    { message: 'must look like smtps://user:password@smtp.example.org:465 or smtp://user:password@smtp.example.org:587' },
  );

/** Which connections are those of a proxy: named, because anybody can send the header that a proxy sends. */
function isProxyList(value: unknown): boolean {
  return value === 'off' || (value as string).split(',').every((entry) => isProxy(entry.trim()));
}

function isProxy(entry: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true;
  const [, address = '', prefix = '0'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  return isIP(address) !== 0 && Number(prefix) <= (isIP(address) === 4 ? 32 : 128);
}

const IsProxyList = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isProxyList', validator: { validate: isProxyList } },
    { message: 'must be off, or the addresses of the proxies in front: loopback, uniquelocal, 10.0.0.0/8, 192.0.2.7' },
  );

/** Digits only: Number() also reads spaces, 0x50 and 1e3. */
const Digits = (): PropertyDecorator => Transform(({ value }) => (/^\d+$/.test(value as string) ? Number(value) : Number.NaN));

/** Environment variables as they come; each message says what the value must be. `.env.example` explains them. */
class Environment {
  @Digits()
  @IsInt({ message: 'must be a port number' })
  @Min(0, { message: 'must be a port number' })
  @Max(65_535, { message: 'must be a port number' })
  PORT = 3000;

  @IsString()
  HOST = 'localhost';

  @IsOptional()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] }, { message: 'must be an http(s) URL' })
  BASE_URL?: string;

  @IsString()
  DATA_DIR = 'data';

  @IsIn(['on', 'off'], { message: 'must be on or off' })
  ASSENT_DEMO = 'on';

  @IsOptional()
  @IsPostgresUrl()
  DATABASE_URL?: string;

  @IsOptional()
  @IsPostgresUrl()
  DATABASE_IDENTITY_URL?: string;

  @IsOptional()
  @IsPostgresUrl()
  DATABASE_SEALER_URL?: string;

  @IsOptional()
  @IsPostgresUrl()
  DATABASE_OWNER_URL?: string;

  @Digits()
  @IsInt({ message: 'must be a whole number' })
  @Min(2, { message: 'must be at least 2' })
  @Max(200, { message: 'must be at most 200' })
  DATABASE_POOL_SIZE = 16;

  @IsOptional()
  @IsString()
  @MinLength(32, { message: 'must have at least 32 characters, e.g. from: openssl rand -base64 33' })
  AUTH_SECRET?: string;

  @IsProxyList()
  TRUST_PROXY = 'off';

  @IsOptional()
  @IsSmtpUrl()
  SMTP_URL?: string;

  @IsOptional()
  @IsEmail(
    { allow_display_name: true, allow_utf8_local_part: false },
    { message: 'must be an email address, or a name and an address: Spine Clinic <assent@example.org>' },
  )
  MAIL_FROM?: string;

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL: LogLevel = 'info';

  @IsOptional()
  @IsString()
  LOG_KEY?: string;

  @IsString()
  LOG_ANCHORS = '';
}

export interface DatabaseUrls {
  /** The application's role `assent_app`. */
  readonly app: string;
  /** The role `assent_identity`, which reads the schema `auth` and nothing else. */
  readonly identity: string;
  /** The role `assent_sealer`, which reads the record of what happened and appends it to the signed log. */
  readonly sealer: string;
  /** The owner, which migrates and sets up. It serves no request. */
  readonly owner: string;
}

export interface MailSettings {
  /** smtp: or smtps:, with the user and the password. */
  readonly url: string;
  /** An address, perhaps with a name before it. */
  readonly from: string;
}

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly baseUrl: string | undefined;
  readonly dataDir: string;
  readonly demo: boolean;
  /** Undefined: the embedded PostgreSQL. */
  readonly database: DatabaseUrls | undefined;
  readonly poolSize: number;
  readonly authSecret: string | undefined;
  /** None: the client's address is that of the connection. */
  readonly trustProxy: readonly string[];
  /** Undefined: no mail is sent. */
  readonly mail: MailSettings | undefined;
  /** The least that is written to standard output. */
  readonly logLevel: LogLevel;
  /** Undefined: the one in DATA_DIR. */
  readonly logKey: string | undefined;
  /** Where the log's signed state is sent, as addresses with spaces between them. */
  readonly logAnchors: string;
}

export class ConfigError extends Error {}

/** Where browsers keep cookies and passkeys safe. What is no URL has been complained about already. */
function isSafeOrigin(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** Reads and checks the environment, once. Throws a ConfigError that names every bad variable. */
export function loadConfig(source: NodeJS.ProcessEnv): Config {
  // An empty variable counts as unset, as in docker-compose.yml.
  const set = Object.fromEntries(
    Object.keys(new Environment())
      .concat('BASE_URL', ...DATABASE_VARIABLES, 'AUTH_SECRET', 'SMTP_URL', 'MAIL_FROM', 'LOG_KEY')
      .filter((name) => source[name])
      .map((name) => [name, source[name]]),
  );
  const env = plainToInstance(Environment, set);
  const problems = validateSync(env).map((problem) => `${problem.property} ${Object.values(problem.constraints ?? {})[0]}`);

  const urls = DATABASE_VARIABLES.filter((name) => env[name]).length;
  if (urls !== 0 && urls !== DATABASE_VARIABLES.length) {
    problems.push(
      'DATABASE_URL, DATABASE_IDENTITY_URL, DATABASE_SEALER_URL and DATABASE_OWNER_URL go together: set all four, or none for the embedded PostgreSQL',
    );
  }
  if (urls > 0 && !env.AUTH_SECRET) {
    problems.push('AUTH_SECRET must be set when DATABASE_URL is: at least 32 random characters');
  }
  if (env.BASE_URL && !isSafeOrigin(env.BASE_URL)) {
    problems.push('BASE_URL must begin with https://, save on localhost: passwords and cookies would travel readable');
  }
  if (!env.SMTP_URL !== !env.MAIL_FROM) {
    problems.push('SMTP_URL and MAIL_FROM go together: set both, or neither to send no mail');
  }
  if (problems.length > 0) {
    throw new ConfigError(`The configuration can't be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}\nSee .env.example.`);
  }

  return Object.freeze({
    port: env.PORT,
    host: env.HOST,
    baseUrl: env.BASE_URL?.replace(/\/+$/, ''),
    dataDir: resolve(PROJECT_ROOT, env.DATA_DIR),
    demo: env.ASSENT_DEMO === 'on',
    database:
      env.DATABASE_URL && env.DATABASE_IDENTITY_URL && env.DATABASE_SEALER_URL && env.DATABASE_OWNER_URL
        ? Object.freeze({
            app: env.DATABASE_URL,
            identity: env.DATABASE_IDENTITY_URL,
            sealer: env.DATABASE_SEALER_URL,
            owner: env.DATABASE_OWNER_URL,
          })
        : undefined,
    poolSize: env.DATABASE_POOL_SIZE,
    authSecret: env.AUTH_SECRET,
    trustProxy: env.TRUST_PROXY === 'off' ? [] : env.TRUST_PROXY.split(',').map((address) => address.trim()),
    mail: env.SMTP_URL && env.MAIL_FROM ? Object.freeze({ url: env.SMTP_URL, from: env.MAIL_FROM }) : undefined,
    logLevel: env.LOG_LEVEL,
    logKey: env.LOG_KEY,
    logAnchors: env.LOG_ANCHORS,
  });
}
