import * as React from 'react';
import { ApiError } from '../request';

export interface IRead<T> {
  value: T | null;
  error: ApiError | null;
}

/** What `read` answers, read again when `about` changes. An answer that comes too late is let go. */
export function useRead<T>(
  read: () => Promise<T>,
  about: readonly unknown[]
): IRead<T> {
  const [found, setFound] = React.useState<IRead<T>>({
    value: null,
    error: null
  });
  React.useEffect(() => {
    let isWanted = true;
    read().then(
      value => isWanted && setFound({ value, error: null }),
      reason =>
        isWanted && setFound({ value: null, error: ApiError.from(reason) })
    );
    return () => {
      isWanted = false;
    };
  }, about);
  return found;
}
