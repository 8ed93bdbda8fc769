import * as React from 'react';
import { Answers, Foot } from './foot';
import { showModal } from './modal';

export interface IQuestion {
  /** A question with the object's name: "Delete cpu-cluster?" */
  title: string;
  /** What is lost. */
  lost: string;
  /** What leaving it costs, or nothing. */
  cost?: string;
  /** The safe answer: "Keep it". It has the focus. */
  keep: string;
  /** The destructive answer, verb and effect: "Delete, cancel 1 job". */
  destroy: string;
  /** Nothing is lost by the second answer: it is the one to give. */
  isSafe?: boolean;
}

/** Ask before something is lost. Only for what destroys or costs; all else can be undone. */
export async function confirm(question: IQuestion): Promise<boolean> {
  const answer = await showModal<true>(
    question.title,
    ({ close }) => (
      <form method="dialog" onSubmit={event => event.preventDefault()}>
        <h2>{question.title}</h2>
        <p>{question.lost}</p>
        {question.cost && <p className="s">{question.cost}</p>}
        <Foot>
          <Answers>
            <button
              type="button"
              className="btn"
              data-autofocus
              onClick={() => close(null)}
            >
              {question.keep}
            </button>
            <button
              type="button"
              className={question.isSafe ? 'btn accept' : 'btn danger'}
              onClick={() => close(true)}
            >
              {question.destroy}
            </button>
          </Answers>
        </Foot>
      </form>
    ),
    'aml-confirm'
  );
  return answer === true;
}
