/** Jobs, data, models and deployments as links: where something comes from and what it became. */
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { CommandIDs, IAmlManager } from '../tokens';
import { LinkButton } from './controls';

export interface ILinkProps {
  manager: IAmlManager;
  commands: CommandRegistry;
}

export type AssetKind = 'data' | 'model';

/** "name:version" of "azureml:name:version"; empty where it names no version. */
export function keyOf(reference: string): string {
  const found = /^azureml:(?!\/\/)([^:@]+:[^:@]+)$/.exec(reference);
  return found?.[1] ?? '';
}

/** An asset by its reference; what names no version of one stays text. */
export function AssetLink(
  props: ILinkProps & { kind: AssetKind; reference: string }
): JSX.Element {
  const { kind, reference, commands } = props;
  const key = keyOf(reference);
  const command = kind === 'data' ? CommandIDs.openData : CommandIDs.openModel;
  return key ? (
    <LinkButton
      label={key}
      onClick={() => void commands.execute(command, { name: key })}
    />
  ) : (
    <span>{reference}</span>
  );
}

/** Several of them in a line; nothing for none. */
export function AssetLinks(
  props: ILinkProps & { kind: AssetKind; references: readonly string[] }
): JSX.Element | null {
  const { references } = props;
  return references.length ? (
    <span className="aml-links">
      {references.map(one => (
        <AssetLink key={one} {...props} reference={one} />
      ))}
    </span>
  ) : null;
}

export function JobLink(props: ILinkProps & { job: string }): JSX.Element {
  const { job, manager, commands } = props;
  return (
    <LinkButton
      label={manager.jobNamed(job)?.displayName || job}
      onClick={() => void commands.execute(CommandIDs.openJob, { name: job })}
    />
  );
}

/** "endpoint/deployment" as a way to the endpoint. */
export function ServedBy(
  props: ILinkProps & { deployments: readonly string[] }
): JSX.Element | null {
  const { deployments, commands } = props;
  return deployments.length ? (
    <span className="aml-links">
      {deployments.map(one => (
        <LinkButton
          key={one}
          label={one}
          onClick={() =>
            void commands.execute(CommandIDs.openEndpoint, {
              name: one.split('/')[0] ?? one
            })
          }
        />
      ))}
    </span>
  ) : null;
}
