/** The pages that a fix can open, by the name that the service gives them ("sizes:gpu"). */
import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { CellAccess, ICellPlace } from './cellaccess';
import { chooseCompute, chooseEnvironment } from './choose';
import { confirm } from './components/confirm';
import { serverPath } from './reattach';
import { environmentKey } from './store';
import { CommandIDs, IAmlManager } from './tokens';
import type { Environment } from './wire';

/** Where a fix is asked for, and how what it chooses is put into effect. */
export interface IFixContext {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  cells: CellAccess;
  /** The cell that it is about, if there is one. */
  place: ICellPlace | null;
  /** Take options of the `%%aml` line over: into the cell, or into a job that runs again. */
  use(options: string): Promise<void>;
}

type Page = (name: string, context: IFixContext) => Promise<void>;

const PAGES: Record<string, Page> = {
  cell: goToLine,
  computes: useCompute,
  environment: showEnvironment,
  environments: useEnvironment,
  file: openFile,
  job: openJob,
  sizes: openSizes
};

/** A page of a newer service shows the panel, where everything is. */
export async function openPage(
  page: string,
  context: IFixContext
): Promise<void> {
  const [kind = '', name = ''] = page.split(/:(.*)/s);
  const open = PAGES[kind];
  await (open
    ? open(name, context)
    : context.commands.execute(CommandIDs.openPanel));
}

async function goToLine(
  line: string,
  { cells, place }: IFixContext
): Promise<void> {
  if (place) {
    await cells.go(place, Number(line) || 0);
  }
}

async function openJob(name: string, { commands }: IFixContext): Promise<void> {
  const [job = '', part = ''] = name.split(':');
  const args =
    part === 'files' ? { name: job, part: 'outputs' } : { name: job };
  await commands.execute(CommandIDs.openJob, args);
}

async function openSizes(
  search: string,
  { commands }: IFixContext
): Promise<void> {
  await commands.execute(CommandIDs.createCompute, { search });
}

async function useCompute(
  _: string,
  { manager, trans, use }: IFixContext
): Promise<void> {
  const title = trans.__('Run it on');
  const name = await chooseCompute(manager.computes, title, trans);
  if (name) {
    await use(`--compute ${name}`);
  }
}

async function useEnvironment(
  _: string,
  { manager, trans, use }: IFixContext
): Promise<void> {
  const title = trans.__('Run it in');
  const name = await chooseEnvironment(manager.environments, title, trans);
  if (name) {
    await use(`--environment ${name}`);
  }
}

/** A hidden file is not for Jupyter's editor: a cell that appends to it is. */
async function openFile(
  path: string,
  { cells, commands, place }: IFixContext
): Promise<void> {
  const name = path.replace(/^.*\//, '');
  const known = serverPath(path, PageConfig.getOption('serverRoot'));
  if (name.startsWith('.') && place) {
    await cells.insertAbove(place, `%%writefile -a ${path}\n`);
  } else if (known) {
    await commands.execute('docmanager:open', { path: known });
  }
}

/** `NAME:VERSION`, or `NAME:VERSION:add=PACKAGE`. */
async function showEnvironment(
  name: string,
  context: IFixContext
): Promise<void> {
  const { commands, manager } = context;
  const [key = '', wanted = ''] = name.split(/:add=(.*)/s);
  const found = manager.environments.find(
    one => environmentKey(one) === key || one.name === key
  );
  if (found && wanted) {
    await addPackage(found, wanted, context);
  } else {
    await commands.execute(CommandIDs.openPanel, { section: 'environments' });
  }
}

/** A new version with one package more; jobs that use the old one keep it. */
async function addPackage(
  old: Environment,
  wanted: string,
  { manager, trans, use }: IFixContext
): Promise<void> {
  const isOwn = old.source === 'user';
  const name = isOwn ? old.name : `${old.name}-more`;
  const isSure = await confirm({
    title: trans.__('Add %1 to %2?', wanted, environmentKey(old)),
    lost: isOwn
      ? trans.__(
          'A new version of it is built with its first job. Jobs that name the old version keep it.'
        )
      : trans.__(
          'It is shipped with jupyter_aml and stays as it is: %1 holds the same and this package.',
          name
        ),
    keep: trans.__('Leave it'),
    destroy: trans.__('Add %1', wanted),
    isSafe: true
  });
  if (!isSure) {
    return;
  }
  const made = await manager.call('environments.create', {
    body: {
      name,
      requirements: [...old.requirements, wanted],
      python: old.python
    }
  });
  await use(`--environment ${made.name}:${made.version}`);
}
