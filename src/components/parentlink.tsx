import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { CommandIDs, IAmlManager } from '../tokens';
import { LinkButton } from './controls';

/** The way from a trial or a step to the sweep or pipeline that it is a part of. */
export function ParentLink(props: {
  parent: string;
  manager: IAmlManager;
  commands: CommandRegistry;
}): JSX.Element {
  const { parent, manager, commands } = props;
  return (
    <LinkButton
      label={manager.jobNamed(parent)?.displayName || parent}
      onClick={() =>
        void commands.execute(CommandIDs.openJob, { name: parent })
      }
    />
  );
}
