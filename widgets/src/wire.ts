// Sending messages of the workbench from a widget's page, and getting their results or errors back.
import type { AnyModel } from "@anywidget/types";
import { useModel } from "@anywidget/react";
import { useEffect, useMemo } from "react";

type Table = Record<string, { fields: object; result: unknown }>;
type Tables<M> = { [Name in keyof M]: M[Name] extends { fields: object; result: unknown } ? M[Name] : never };

/** What a WorkbenchError is on this side: a sentence, what is safe, and the next command. */
export interface WireError {
  code: string;
  message: string;
  safe: string;
  next: string;
}

export type Send<M> = <Name extends keyof M & string>(
  name: Name,
  fields: Tables<M>[Name]["fields"],
) => Promise<Tables<M>[Name]["result"]>;

/** The kernel answered with an error, or did not answer. */
export class Refusal extends Error {
  constructor(readonly wire: WireError) {
    super(wire.message);
  }
}

export const ANSWER_MILLISECONDS = 30_000;

const SILENCE: WireError = {
  code: "no-answer",
  message: "The kernel did not answer within 30 seconds. It may be busy with a cell, or gone.",
  safe: "The run itself does not need the kernel; it goes on.",
  next: "dms status",
};

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Refusal) => void;
  timer: ReturnType<typeof setTimeout>;
}

/** One conversation with the kernel: many questions under way, each with an id of its own. */
export class Wire {
  private readonly waiting = new Map<string, Waiting>();
  private readonly receive = (answer: unknown) => this.settle(answer);
  private count = 0;

  constructor(private readonly model: Pick<AnyModel, "send" | "on" | "off">) {}

  open(): () => void {
    this.model.on("msg:custom", this.receive);
    return () => this.close();
  }

  send(name: string, fields: object): Promise<unknown> {
    const id = `${name}-${Date.now().toString(36)}-${++this.count}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.settle({ id, error: SILENCE }), ANSWER_MILLISECONDS);
      this.waiting.set(id, { resolve, reject, timer });
      this.model.send({ id, name, fields });
    });
  }

  private settle(answer: unknown): void {
    const { id, result, error } = (answer ?? {}) as { id?: string; result?: unknown; error?: WireError };
    const question = id === undefined ? undefined : this.waiting.get(id);
    if (id === undefined || question === undefined) return;
    this.waiting.delete(id);
    clearTimeout(question.timer);
    if (error) question.reject(new Refusal(error));
    else question.resolve(result);
  }

  private close(): void {
    this.model.off("msg:custom", this.receive);
    for (const question of this.waiting.values()) clearTimeout(question.timer);
    this.waiting.clear();
  }
}

/** `send(name, fields)`: the result, or a Refusal with what the kernel said. */
export function useSend<M extends Tables<M> | Table>(): Send<M> {
  const model = useModel();
  const wire = useMemo(() => new Wire(model), [model]);
  useEffect(() => wire.open(), [wire]);
  return useMemo(() => wire.send.bind(wire) as Send<M>, [wire]);
}
