import { QueryRunnerAlreadyReleasedError } from 'typeorm';

/**
 * SQLSTATE classes and codes of a database that can't serve any request at the moment: connections (08), resources such as connections and disk
 * space (53), shutdown, crash and start (57P), a read-only server (25006), transactions that were open for too long (25P03, 25P04), input and
 * output (58030).
 */
const SQLSTATE = /^(08...|53...|57P..|25006|25P03|25P04|58030)$/;
/** Codes of Node for a connection that isn't made, or is lost; ERR_STREAM where that is noticed only when something is written to it. */
const NETWORK = /^(E(CONN|HOST|NET|ADDR)[A-Z]+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_[A-Z]+|ERR_(STREAM|SOCKET)_[A-Z_]+)$/;
/** pg has no code for a connection that it gives up. */
const GIVEN_UP =
  /^(Connection terminated|Query read timeout|timeout exceeded when trying to connect|timeout expired|Client (has encountered a connection error|was closed) and is not queryable|Cannot use a pool after calling end)/;
/** Of a connection that ended: the server may have done what it was asked before. A refusal in words came instead of it. */
const ENDED_BY_SERVER = /^(08|57P)/;

/** Whether the database can't serve at the moment, so that the same request may succeed later. */
export function isUnavailable(error: unknown): boolean {
  return SQLSTATE.test(codeOf(error)) || isConnectionLost(error);
}

/** Whether nothing says what became of the statement that failed. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  // TypeORM gives a connection back to its pool as soon as that is lost.
  return (
    ENDED_BY_SERVER.test(code) || NETWORK.test(code) || GIVEN_UP.test(error.message) || error instanceof QueryRunnerAlreadyReleasedError
  );
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
