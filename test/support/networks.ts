/** An engine, or as much of one as is asked for here. */
interface Networks {
  removeNetwork(id: string): Promise<unknown>;
}

/**
 * Removes a network without containers. False where the engine refuses: it may count an end of a container that was removed, and
 * then keeps the network from everybody, docker compose included, until it is started again. Only that is nobody's fault here.
 */
export async function canBeRemoved(engine: Networks, id: string): Promise<boolean> {
  try {
    await engine.removeNetwork(id);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && /has active endpoints/.test(thrown.message)) return false;
    throw thrown;
  }
}
