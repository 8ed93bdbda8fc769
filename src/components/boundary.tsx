/** What is shown in the place of a part that could not be drawn: never a blank page. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ErrorMessage } from './message';

interface IBoundaryProps {
  fallback(error: Error): React.ReactNode;
  children: React.ReactNode;
}

/** Keeps a defect of what is inside from taking away what is around it. */
export class Boundary extends React.Component<
  IBoundaryProps,
  { error: Error | null }
> {
  state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  render(): React.ReactNode {
    const { error } = this.state;
    return error ? this.props.fallback(error) : this.props.children;
  }
}

/** A view, or a section of the panel, which says so if it cannot be drawn. */
export function Part(props: {
  /** As a person calls it. */
  name: string;
  trans: TranslationBundle;
  children: React.ReactNode;
}): JSX.Element {
  const { name, trans } = props;
  const told = (error: Error) => (
    <div className="aml aml-note">
      <ErrorMessage
        error={{
          code: 'Internal',
          message: trans.__('%1 could not be drawn. This is our defect.', name),
          target: '',
          hint: trans.__(
            'Nothing is lost: jobs and computes go on. Reload the page; if it comes again, report the raw text.'
          ),
          details: [error.stack ?? String(error)]
        }}
        trans={trans}
      />
    </div>
  );
  return <Boundary fallback={told}>{props.children}</Boundary>;
}
