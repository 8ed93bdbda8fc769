import type { ApiError } from './request';
import type { Link } from './tokens';

/** What a failure says of the connection. Times are ms since the epoch. Pure. */
export function linkOf(
  error: ApiError,
  isConnected: boolean,
  retryAt: number,
  reloadAt: number
): Link {
  switch (error.code) {
    case 'ServerPartMissing':
      return { kind: 'missing' };
    case 'Unreachable':
    case 'SignedOut':
      // A request may be lost while the feed stands: nothing else would ask again.
      return { kind: 'unreachable', retryAt: isConnected ? reloadAt : retryAt };
    default:
      return isConnected
        ? { kind: 'refused', error, retryAt: reloadAt }
        : { kind: 'down', error, retryAt };
  }
}
