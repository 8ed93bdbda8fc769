import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { Announcements } from '../announcements';
import { JobNotices } from '../jobnotices';
import { CommandIDs, IAmlManager } from '../tokens';
import type { JobSummary, Notice } from '../wire';

const shown = () =>
  Notification.manager.notifications.map(one => one.message.split('\n')[0]);

const job = (fields: Partial<JobSummary> = {}) =>
  ({
    name: 'j',
    displayName: 'train',
    status: 'Failed',
    statusReason: '',
    attempt: 1,
    cause: 'out of memory',
    cellId: 'c1',
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: '2026-01-01T00:00:00Z',
    endedAt: '2026-01-01T00:01:30Z',
    listPrice: null,
    ...fields
  }) as JobSummary;

beforeEach(() => Notification.dismiss());

describe('the notice of a job', () => {
  function make(isInSight = false) {
    const manager = { askedOf: () => null } as unknown as IAmlManager;
    const jobEnded = new Signal<IAmlManager, JobSummary>(manager);
    const commands = new CommandRegistry();
    const opened: unknown[] = [];
    commands.addCommand(CommandIDs.openJob, {
      execute: args => void opened.push(args.name)
    });
    new JobNotices({
      manager: Object.assign(manager, { jobEnded }),
      commands,
      trans: nullTranslator.load(''),
      isInSight: () => isInSight,
      wantsDesktop: () => false
    });
    return { jobEnded, opened };
  }

  it('is one, changed in place', () => {
    const { jobEnded } = make();
    jobEnded.emit(job());
    jobEnded.emit(job({ status: 'Completed' }));
    expect(shown()).toEqual(['train: Completed']);
  });

  it('is not there for what is in sight', () => {
    const { jobEnded } = make(true);
    jobEnded.emit(job());
    expect(shown()).toEqual([]);
  });

  it('offers what there is to do', () => {
    const { jobEnded, opened } = make();
    jobEnded.emit(job());
    const { actions } = Notification.manager.notifications[0]!.options;
    expect(actions?.map(one => one.label)).toEqual(['Open job']);
    actions?.[0]?.callback(new MouseEvent('click'));
    expect(opened).toEqual(['j']);
  });
});

describe('an announcement of the service', () => {
  const notice = (text: string, name = 'budget') =>
    ({ name, kind: 'warning', text, target: '', hint: '' }) as Notice;

  function make() {
    const manager = { isReady: false, notices: [] as Notice[] };
    const changed = new Signal<object, void>(manager);
    new Announcements(
      Object.assign(manager, { changed }) as unknown as IAmlManager
    );
    const tell = (...notices: Notice[]) => {
      manager.isReady = true;
      manager.notices = notices;
      changed.emit();
    };
    return { tell };
  }

  it('is changed in place and goes when it is over', () => {
    const { tell } = make();
    tell();
    tell(notice('nearly used up'));
    tell(notice('nearly used up'));
    tell(notice('stopping what costs'));
    expect(shown()).toEqual(['stopping what costs']);
    tell();
    expect(shown()).toEqual([]);
  });

  it('is not repeated at start-up', () => {
    const { tell } = make();
    tell(notice('from before'));
    expect(shown()).toEqual([]);
    tell(notice('from before'), notice('new', 'idle'));
    expect(shown()).toEqual(['new']);
  });
});
