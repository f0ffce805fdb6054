const exitStatuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** Turns the signals that ask us to stop into an aborted `AbortSignal`, so that everything unwinds and cleans up. */
export interface Interruption {
  /** Aborted, with a sentence as its reason, once a signal came. */
  readonly signal: AbortSignal;
  /** 128 + the signal's number, once one came. */
  exitStatus(): number | undefined;
}

/** Listens until the process ends. Later signals are ignored: cleaning up is already under way. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  for (const [name, exitStatus] of Object.entries(exitStatuses)) {
    Deno.addSignalListener(name as Deno.Signal, () => {
      status ??= exitStatus;
      controller.abort(new DOMException(`Interrupted by ${name}.`, "AbortError"));
    });
  }
  return { signal: controller.signal, exitStatus: () => status };
}
