import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { Pool } from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError, databaseAway } from '../common/errors.js';

const WINDOW_SECONDS = 15 * 60;
/** Failures in a window. */
const LIMITS = { account: 10, device: 10, address: 60, code: 5 };
type Kind = keyof typeof LIMITS;
export const DEVICE_SECONDS = 180 * 24 * 60 * 60;
/** A tablet at the reception has more than one user. */
const ACCOUNTS_OF_A_DEVICE = 5;

/** An entry of the cookie; the signature is of what stands before it. */
const DEVICE = /^(([\w-]{43})\.([\w-]{22})\.(\d{10}))\.([\w-]{43})$/;

/**
 * At most the limit of the counted attempts are looked at; the others were refused meanwhile. What remains are the failures and the attempts
 * that are still looked at: any number of right passwords in parallel leaves none.
 */
const GIVE_BACK = 'UPDATE auth.rate_limit SET points = greatest(least(points, $2) - 1, 0) WHERE key = $1';

class Limiter extends RateLimiterPostgres {
  /** For how long the key is refused without asking the database. The library's types leave it out. */
  declare readonly getInMemoryBlockMsBeforeExpire: (key: string) => number;
}

/** Gives itself back. */
type Point = () => Promise<void>;

interface Try {
  /** The email address as it is looked up, whether or not anybody has it; its case doesn't matter. */
  readonly account: string;
  /** The client's IP address. */
  readonly address: string;
  /** The value of the device cookie, as it came. What it says is checked here. */
  readonly device: string | undefined;
}

export interface Attempt {
  /** It doesn't count. Without this call, the attempt has failed. */
  succeeded(): Promise<void>;
}

/**
 * Limits on guessing, in PostgreSQL: all servers count together, and a restart forgets nothing. An attempt is counted before
 * the password is looked at, and given back if it was right: of a hundred parallel guesses, no more than the limit are looked at.
 *
 * With a limit for each account alone, an outsider who guesses wrongly all day would lock its owner out. So a browser in which
 * somebody has signed in keeps a cookie that says so, and has a limit of its own for that account, which nobody else's guesses
 * touch (OWASP's "device cookies"). All unknown devices share one: while an outsider uses that up, the right password is refused
 * from a new device too, and still signs in from a known one.
 *
 * The limit of an address is for unknown devices as well: a clinic has one address, and a visitor in its wireless network must
 * not shut everybody out.
 */
export class Attempts {
  private readonly key: Buffer;
  private readonly limiters: Readonly<Record<Kind, Limiter>>;

  /** The pool's role reads and writes auth.rate_limit. */
  constructor(
    private readonly pool: Pool,
    secret: string,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'assent attempts', 32));
    const limiter = (kind: Kind) =>
      new Limiter({
        storeClient: pool,
        storeType: 'pool',
        schemaName: 'auth',
        tableName: 'rate_limit',
        tableCreated: true,
        keyPrefix: kind,
        points: LIMITS[kind],
        duration: WINDOW_SECONDS,
        // Far beyond its limit a key is refused without asking: an attack doesn't keep the database busy.
        inMemoryBlockOnConsumed: 2 * LIMITS[kind],
        // One of them removes what ended an hour ago, of every kind, and doesn't keep the process alive.
        clearExpiredByTimeout: kind === 'account',
      });
    this.limiters = { account: limiter('account'), device: limiter('device'), address: limiter('address'), code: limiter('code') };
  }

  /** Before the password is looked at. Throws 429 where there were too many failures, and 503 where nobody can say. */
  async begin({ account, address, device }: Try): Promise<Attempt> {
    const who = this.accountKey(account);
    const known = this.devices(device).find((entry) => entry.who === who);
    if (known) return attempt([await this.take('device', `${who}.${known.id}`)]);
    // Refused from memory, it costs the database nothing.
    const { account: limiter } = this.limiters;
    if (limiter.getInMemoryBlockMsBeforeExpire(limiter.getKey(who)) > 0) await this.take('account', who);
    // An address that has used up its own attempts uses up nobody else's.
    const ofAddress = await this.take('address', this.hmac('address', addressKey(address)));
    try {
      return attempt([ofAddress, await this.take('account', who)]);
    } catch (refused) {
      // It isn't looked at, so that it is no failure.
      await ofAddress();
      throw refused;
    }
  }

  /**
   * Before a proof in a session that has begun is looked at. A thief of the password comes here too, and must not use up
   * what the owner has in a known device.
   */
  async beginCode(account: string, device: string | undefined): Promise<Attempt> {
    const who = this.accountKey(account);
    const known = this.devices(device).find((entry) => entry.who === who);
    return attempt([await this.take('code', known ? `${who}.${known.id}` : who)]);
  }

  /**
   * The device cookie from now on, once a sign-in is complete with every factor: for this account, and for those it was for
   * before. It is a secret like the session's cookie, and worth DEVICE_SECONDS.
   */
  issueDevice(account: string, cookie: string | undefined): string {
    const who = this.accountKey(account);
    const others = this.devices(cookie).filter((device) => device.who !== who);
    const signed = `${who}.${randomBytes(16).toString('base64url')}.${now() + DEVICE_SECONDS}`;
    return [`${signed}.${this.hmac('device', signed)}`, ...others.map(({ entry }) => entry)].slice(0, ACCOUNTS_OF_A_DEVICE).join('~');
  }

  /** What the cookie truly says: `account.device.expires.signature`, for some accounts. What is forged or over isn't there. */
  private devices(cookie = ''): { who: string; id: string; entry: string }[] {
    return cookie.split('~', ACCOUNTS_OF_A_DEVICE).flatMap((entry) => {
      const [, signed = '', who = '', id = '', expires = '', signature = ''] = DEVICE.exec(entry) ?? [];
      const genuine = equal(signature, this.hmac('device', signed)) && Number(expires) > now();
      return genuine ? [{ who, id, entry }] : [];
    });
  }

  private async take(kind: Kind, key: string): Promise<Point> {
    const limiter = this.limiters[kind];
    const { msBeforeNext } = await limiter.consume(key).catch((refused: unknown) => {
      throw refused instanceof RateLimiterRes ? tooMany(kind, refused) : databaseAway(refused);
    });
    const windowEnds = Date.now() + msBeforeNext;
    return async () => {
      // Given back later, it would be one more guess in the next window.
      if (Date.now() >= windowEnds) return;
      await this.pool.query(GIVE_BACK, [limiter.getKey(key), LIMITS[kind]]).catch((error: unknown) => {
        throw databaseAway(error);
      });
      limiter.deleteInMemoryBlockedAll();
    };
  }

  /** The table names nobody, and without the secret nobody can try who it might be. */
  private accountKey(account: string): string {
    return this.hmac('account', account.toLowerCase());
  }

  private hmac(purpose: string, value: string): string {
    return createHmac('sha256', this.key).update(`${purpose} ${value}`).digest('base64url');
  }
}

function attempt(points: Point[]): Attempt {
  return {
    succeeded: async () => {
      for (const giveBack of points.splice(0)) await giveBack();
    },
  };
}

/** `first` of its window: worth a line in the record, which an attack must not fill. */
export class TooManyAttempts extends AppError {
  first = false;
}

function tooMany(kind: Kind, { msBeforeNext, consumedPoints }: RateLimiterRes): AppError {
  const retryAfter = Math.max(1, Math.ceil(msBeforeNext / 1_000));
  const minutes = Math.ceil(retryAfter / 60);
  const wait = `Wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`;
  const strange = kind === 'account' || kind === 'address';
  const refusal = new TooManyAttempts('too-many-attempts', 429, 'There were too many attempts.', {
    detail: strange ? `${wait}, or sign in with a browser in which you have signed in before.` : `${wait}.`,
    retryAfter,
  });
  refusal.first = consumedPoints === LIMITS[kind] + 1;
  return refusal;
}

/**
 * Who counts as one client: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has whole. What isn't an address,
 * as a proxy may pass on, is one client too.
 */
export function addressKey(address: string): string {
  if (isIP(address) === 0) return 'unknown';
  const client = ipaddr.process(address);
  if (client instanceof ipaddr.IPv4) return client.toString();
  const network = client.parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

function now(): number {
  return Math.floor(Date.now() / 1_000);
}
