// Which keys are being destroyed in this process. Locks of the database end when its connection breaks, and a destruction
// whose last judgement was made does not: whoever asks whether a key is gone waits here until it is known.
// One process writes to a key ring (its folder is locked), so this map is whole.

const inHand = new Map<string, Promise<unknown>>();

/** Runs `work`, from before the last judgement until the key is gone or stays. Called with gate and row locked. */
export async function withKeyInHand<T>(recordingId: string, work: () => Promise<T>): Promise<T> {
  const before = inHand.get(recordingId);
  const running = work();
  const settled = Promise.allSettled([before, running]);
  inHand.set(recordingId, settled);
  try {
    return await running;
  } finally {
    void settled.then(() => {
      if (inHand.get(recordingId) === settled) inHand.delete(recordingId);
    });
  }
}

/** Resolves when no destruction of this key is in hand. */
export async function keyAtRest(recordingId: string): Promise<void> {
  while (inHand.has(recordingId)) await inHand.get(recordingId);
}
